-- The last write before a prompt's bytes go to the agent.
-- ARGV: channel, worker, fence, id, session (JSON {id, opened, agent}), open ms or '', live view (JSON), most events,
--       '1' where the same owner tries again after an attempt that changed nothing,
--       '1' where it was sent along with the fetch: only what the fetch has just made active is dispatched
-- Returns {'stale'}, {'not-active'}, {'missing'}, {'final', state}, {'interrupted', fence of the dispatch before},
--         or {'ok', prompt, accepted at ms, dispatched at ms}.
local channel, worker, fence, id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not holds(channel, worker, fence) then return { 'stale' } end
if ARGV[10] == '1' and call('LINDEX', queue_key(channel, 'active'), 0) ~= id then return { 'not-active' } end
local record = call('HMGET', prompt_key(id), 'st', 'pr', 'at', 'df', 'an', 'di')
local state = record[1]
if not state then return { 'missing' } end
if state ~= 'accepted' then
  if state ~= 'running' then return { 'final', state } end
  -- The same owner asking again did not hear the answer to its first call.
  if record[4] ~= fence then return { 'interrupted', record[4] } end
  if ARGV[9] ~= '1' then return { 'ok', record[2], record[3], record[6] } end
end
local now = digits(time_ms())
local attempt = tonumber(record[5] or '0') + 1
if state == 'running' then
  call('HSET', prompt_key(id), 'ao' .. (attempt - 1), '{"endedAt":' .. now .. ',"outcome":"interrupted"}')
end
call('HSET', prompt_key(id), 'st', 'running', 'df', fence, 'di', now, 'se', ARGV[5], 'an', attempt,
  'a' .. attempt, '{"worker":' .. cjson.encode(worker) .. ',"fence":' .. fence .. ',"at":' .. now .. '}')
if ARGV[6] ~= '' then call('HSET', prompt_key(id), 'om', ARGV[6]) end
call('ZADD', state_key('running'), call('ZSCORE', state_key('accepted'), id) or call('HGET', prompt_key(id), 'q'), id)
call('ZREM', state_key('accepted'), id)
call('HSET', live_key(worker), channel, ARGV[7])
publish_events(channel, { append_event(channel, 'started', id,
  '{"promptId":"' .. id .. '","session":' .. ARGV[5] .. ',"attempt":' .. attempt .. '}', ARGV[8]) })
return { 'ok', record[2], record[3], now }
