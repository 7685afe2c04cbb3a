-- The last write before a prompt's bytes go to the agent.
-- ARGV: channel, worker, fence, id, session (JSON {id, opened, agent}), open ms or '', live view (JSON), most events,
--       '1' where nothing can change without a recorded grant, the channel's sessions (JSON) where they are others now
--       or '', '1' where it was sent along with the fetch: only what the fetch has just made active is dispatched,
--       version of the channel's settings that the session was opened under, name of an adopted workspace or ''
-- Returns {'stale'}, {'not-active'}, {'missing'}, {'final', state}, {'waiting'}, {'interrupted'}, {'settings'},
--         {'member', id of the prompt whose turn it is part of}, {'yield'} (another one is next), {'collect', ms} (for so
--         long others may come that become one turn with it),
--         or {'ok', prompt, recovery or '', permissions of its own or '', what the attempt before waited for or '', prompts
--         of the others of its turn}.
-- Uses: keys, clock, states, work, events, ahead, occurrences, turns, sessions
local channel, worker, fence, id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- Prompts together are no longer than one may be long.
local MOST_COLLECTED_BYTES = 1048576

local function texts_of(members)
  local texts = {}
  for i, member in ipairs(members) do texts[i] = call('HGET', prompt_key(member), 'pr') or '' end
  return texts
end

-- The prompts behind this one that become one turn with it, and for how long (ms) others may still come.
local function collect(permissions)
  local settings = call('HMGET', channel_key(channel), 'cs', 'cm')
  local window, most = tonumber(settings[1] or '2000'), tonumber(settings[2] or '20')
  local function came(at, joined) return tonumber(joined or at) end
  local own = call('HMGET', prompt_key(id), 'at', 'jt')
  local first = came(own[1], own[2])
  local newest, bytes, members = first, call('HSTRLEN', prompt_key(id), 'pr'), {}
  for _, job in ipairs(next_jobs(channel, 2 * most)) do
    local other = call('HMGET', prompt_key(job), 'st', 'mo', 'an', 'pm', 'at', 'jt')
    if other[1] == 'accepted' or other[1] == 'running' or other[1] == 'waiting' then
      bytes = bytes + call('HSTRLEN', prompt_key(job), 'pr')
      local joins = other[1] == 'accepted' and other[2] == 'collect' and not other[3] and other[4] == permissions
      -- What comes later can only stand behind this one.
      if not joins or bytes > MOST_COLLECTED_BYTES then return members, 0 end
      members[#members + 1] = job
      newest = math.max(newest, came(other[5], other[6]))
      if #members + 1 >= most then return members, 0 end
    end
  end
  return members, math.min(newest + window, first + 5 * window) - time_ms()
end

if not holds(channel, worker, fence) then return { 'stale' } end
if ARGV[11] == '1' and call('LINDEX', queue_key(channel, 'active'), 0) ~= id then return { 'not-active' } end
local record = call('HMGET', prompt_key(id), 'st', 'pr', 'df', 'an', 'rx', 'gu', 'q', 'pm', 'sd', 'mo', 'ms', 'mt', 'wf',
  'rw')
local state, recovery = record[1], record[5] or ''
if not state then return { 'missing' } end
local running = runs(state, record[13])
if state == 'waiting' and not running then return { 'waiting' } end
local members = record[11] and cjson.decode(record[11]) or {}
if state ~= 'accepted' then
  if not running then return { 'final', state } end
  if record[12] then return { 'member', record[12] } end
  if record[3] ~= fence then return { 'interrupted' } end
  -- The same owner asking again did not hear the answer to its first call.
  return { 'ok', record[2], recovery, record[8] or '', record[14] or '', texts_of(members) }
end
local of_channel = call('HMGET', channel_key(channel), 'v', 'ij')
if (of_channel[1] or '') ~= ARGV[12] then return { 'settings' } end
if of_channel[2] and of_channel[2] ~= id then return { 'yield' } end
if record[10] == 'collect' and not record[4] then
  local more_ms
  members, more_ms = collect(record[8])
  if more_ms > 0 then return { 'collect', digits(more_ms) } end
end
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
if ARGV[10] ~= '' then keep_sessions(channel, ARGV[10]) end
if ARGV[13] ~= '' then call('HSET', channel_key(channel), 'w', ARGV[13]) end
if of_channel[2] then call('HDEL', channel_key(channel), 'ij') end
call('ZADD', state_key('running'), record[7], id)
call('ZREM', state_key('accepted'), id)
call('HSET', live_key(worker), channel, ARGV[7])
local begun = ',"session":' .. ARGV[5] .. ',"attempt":' .. attempt .. how
local entries = { append_event(channel, 'started', id, '{"promptId":"' .. id .. '"' .. begun .. '}', ARGV[8]) }
if #members > 0 then
  if not record[11] then call('HSET', prompt_key(id), 'ms', cjson.encode(members), 'dl', 'collected') end
  for _, member in ipairs(members) do
    local key = prompt_key(member)
    local known = call('HMGET', key, 'st', 'di')
    if known[1] == 'accepted' then set_state(member, 'accepted', 'running') end
    -- Whatever was known of it before, it is in what the agent is sent now.
    local delivery = call('HGET', key, 'mo') == 'steer' and 'injected' or 'collected'
    call('HSET', key, 'mt', id, 'di', known[2] or now, 'se', ARGV[5])
    call('HDEL', key, 'tf')
    local event = append_event(channel, 'started', member, '{"promptId":"' .. member .. '"' .. begun ..
      ',"turn":{"id":"' .. id .. '"},"delivery":"' .. delivery .. '"}', ARGV[8])
    note_joined(member, { delivery = delivery }, event[1])
    entries[#entries + 1] = event
  end
end
publish_events(channel, entries)
return { 'ok', record[2], recovery, record[8] or '', record[14] or '', texts_of(members) }
