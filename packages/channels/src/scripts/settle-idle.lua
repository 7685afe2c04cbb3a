-- An owner that found no job asks whether it may rest. The wake is removed only where nothing is left to do.
-- ARGV: channel, worker, fence
-- Returns {'stale'}, {'idle'}, {'jobs'}, {'left-active'} or {'intents', field, value, ...}.
-- Uses: keys, work
local channel, worker, fence = ARGV[1], ARGV[2], ARGV[3]
if not holds(channel, worker, fence) then return { 'stale' } end
if not is_blocked(channel) then
  if call('LLEN', queue_key(channel, 'active')) > 0 then return { 'left-active' } end
  if call('LLEN', queue_key(channel, 'wait')) > 0 then return { 'jobs' } end
end
local intents = call('HGETALL', intent_key(channel))
if #intents > 0 then
  local answer = { 'intents' }
  for _, part in ipairs(intents) do answer[#answer + 1] = part end
  return answer
end
call('SREM', wake_key(worker), channel)
return { 'idle' }
