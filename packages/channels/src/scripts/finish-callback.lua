-- What came of a try. Nothing where its claim has run out and somebody else has taken it, or it is over already.
-- ARGV: id, number, claim, 'delivered' | 'failed' (given up) | 'ended' (with all that its prompt has, or will have) |
--       'again' | 'released' (not tried), failure (JSON) or '', ms until it is tried again
-- Returns 'lost' or 'ok'.
-- Uses: keys, clock, callbacks
local id, number, how, failure = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local key = callbacks_key(id)
local known = call('HMGET', key, 'h', 'k', 'l', 'e')
if known[1] ~= number or known[2] ~= ARGV[3] then return 'lost' end
if how == 'delivered' then
  end_callback(id, number, 'cd', '')
elseif how == 'failed' then
  end_callback(id, number, 'cf', failure)
elseif how == 'ended' then
  if call('EXISTS', prompt_key(id)) == 1 then call('HSET', prompt_key(id), 'cg', '1') end
  for each = tonumber(number), tonumber(known[3]) do end_callback(id, digits(each), 'cf', failure) end
else
  call('HDEL', key, 'k')
  if how == 'again' then
    call('HINCRBY', key, 't', 1)
    if call('EXISTS', prompt_key(id)) == 1 then call('HSET', prompt_key(id), 'cl', failure) end
  end
  call('ZADD', endpoint_key(known[4]), digits(time_ms() + tonumber(ARGV[6])), id)
  note_endpoint_due(known[4])
end
return 'ok'
