-- The last write before a prompt's bytes go to the agent.
-- ARGV: channel, worker, fence, id, session (JSON {id, opened, agent}), open ms or '', live view (JSON), most events,
--       '1' where nothing can change without a recorded grant, the channel's sessions (JSON) where they are others now
--       or '', '1' where it was sent along with the fetch: only what the fetch has just made active is dispatched,
--       version of the channel's settings that the session was opened under, name of an adopted workspace or ''
-- Returns {'stale'}, {'not-active'}, {'missing'}, {'final', state}, {'waiting'}, {'interrupted'}, {'settings'},
--         or {'ok', prompt, recovery or '', permissions of its own or '', what the attempt before waited for or ''}.
local channel, worker, fence, id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not holds(channel, worker, fence) then return { 'stale' } end
if ARGV[11] == '1' and call('LINDEX', queue_key(channel, 'active'), 0) ~= id then return { 'not-active' } end
local record = call('HMGET', prompt_key(id), 'st', 'pr', 'df', 'an', 'rx', 'gu', 'q', 'pm', 'sd', 'wf', 'rw')
local state, recovery = record[1], record[5] or ''
if not state then return { 'missing' } end
local running = runs(state, record[10])
if state == 'waiting' and not running then return { 'waiting' } end
if state ~= 'accepted' then
  if not running then return { 'final', state } end
  if record[3] ~= fence then return { 'interrupted' } end
  -- The same owner asking again did not hear the answer to its first call.
  return { 'ok', record[2], recovery, record[8] or '', record[11] or '' }
end
if (call('HGET', channel_key(channel), 'v') or '') ~= ARGV[12] then return { 'settings' } end
local now = digits(time_ms())
local attempt = tonumber(record[4] or '0') + 1
local session = cjson.decode(ARGV[5])
local how = recovery ~= '' and (',"recovery":"' .. recovery .. '"') or ''
-- One attempt that could change something unseen makes the whole prompt one that could.
local guarded = ARGV[9] == '1' and (record[6] or '1') == '1' and record[8] ~= 'approve-all' and '1' or '0'
call('HSET', prompt_key(id), 'st', 'running', 'df', fence, 'di', now, 'se', ARGV[5], 'an', attempt, 'gu', guarded,
  'a' .. attempt, '{"worker":' .. cjson.encode(worker) .. ',"fence":' .. fence .. ',"at":' .. now ..
  ',"opened":' .. cjson.encode(session.opened) .. how .. '}')
if ARGV[6] ~= '' then
  call('HSET', prompt_key(id), 'om', ARGV[6])
  note_open_time(session.agent, ARGV[6])
end
if record[9] and attempt == 1 then
  note_scheduled_start(record[9], session.opened, tonumber(now))
end
if session.opened == 'recap' then count('recaps') end
if ARGV[10] ~= '' then call('HSET', channel_key(channel), 's', ARGV[10]) end
if ARGV[13] ~= '' then call('HSET', channel_key(channel), 'w', ARGV[13]) end
call('ZADD', state_key('running'), record[7], id)
call('ZREM', state_key('accepted'), id)
call('HSET', live_key(worker), channel, ARGV[7])
publish_events(channel, { append_event(channel, 'started', id,
  '{"promptId":"' .. id .. '","session":' .. ARGV[5] .. ',"attempt":' .. attempt .. how .. '}', ARGV[8]) })
return { 'ok', record[2], recovery, record[8] or '', record[11] or '' }
