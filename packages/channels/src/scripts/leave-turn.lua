-- A prompt that was to be taken into the running turn was not: it goes back to its place.
-- ARGV: channel, worker, fence, id of the turn's prompt, id, 'unsent' (the turn is over), 'refused' (the agent did not take
--       it) or 'unknown' (it did not say: the prompt is dispatched as one that was cut off)
-- Returns 'stale', 'ok', or 'interrupt' where the turn is to be cancelled for a prompt.
-- Uses: keys, states, work, turns
local channel, turn, id, why = ARGV[1], ARGV[4], ARGV[5], ARGV[6]
if not holds(channel, ARGV[2], ARGV[3]) then return 'stale' end
local record = call('HMGET', prompt_key(id), 'st', 'mt')
if record[1] == 'running' and record[2] == turn then
  local left = {}
  for _, member in ipairs(cjson.decode(call('HGET', prompt_key(turn), 'ms') or '[]')) do
    if member ~= id then left[#left + 1] = member end
  end
  if #left > 0 then
    call('HSET', prompt_key(turn), 'ms', cjson.encode(left))
  else
    call('HDEL', prompt_key(turn), 'ms')
  end
  call('HDEL', prompt_key(id), 'mt', 'di', 'se')
  if why == 'unknown' then call('HSET', prompt_key(id), 'rx', 'continue') end
  set_state(id, 'running', 'accepted')
  if why ~= 'unsent' then fall_back(channel, turn, id) end
end
return call('HEXISTS', prompt_key(turn), 'ib') == 1 and 'interrupt' or 'ok'
