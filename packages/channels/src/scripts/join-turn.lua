-- The next prompt that wishes to be taken into the running turn becomes part of it, before its bytes go to the agent.
-- ARGV: channel, worker, fence, id of the turn's prompt, name of the call: the same one once more is answered as before
-- Returns {'stale'}, {'none'} or {'ok', id, prompt}.
-- Uses: keys, clock, states, work
local channel, fence, turn = ARGV[1], ARGV[3], ARGV[4]
if not holds(channel, ARGV[2], fence) then return { 'stale' } end
local record = call('HMGET', prompt_key(turn), 'st', 'wf', 'df', 'pm', 'ms', 'jl', 'se')
if record[6] then
  local name, id = string.match(record[6], '^(%S+) (%S+)$')
  if name == ARGV[5] then return { 'ok', id, call('HGET', prompt_key(id), 'pr') } end
end
if not runs(record[1], record[2]) or record[3] ~= fence then return { 'none' } end
local members = record[5] and cjson.decode(record[5]) or {}
if #members >= 100 then return { 'none' } end
for _, id in ipairs(next_jobs(channel, 1000)) do
  local other = call('HMGET', prompt_key(id), 'st', 'mo', 'dl', 'pm', 'an', 'pr')
  if other[1] == 'accepted' and other[2] == 'steer' and not other[3] and other[4] == record[4] and not other[5] then
    members[#members + 1] = id
    call('HSET', prompt_key(turn), 'ms', cjson.encode(members), 'jl', ARGV[5] .. ' ' .. id)
    call('HSET', prompt_key(id), 'mt', turn, 'di', digits(time_ms()), 'se', record[7])
    set_state(id, 'accepted', 'running')
    return { 'ok', id, other[6] }
  end
end
return { 'none' }
