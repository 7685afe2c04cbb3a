-- Writes a wish for the owner and wakes it, or has the channel assigned. Nobody is told; whoever owns it reads it.
-- ARGV: channel, field, value, due ms where a session is to be open by then
-- Uses: keys, work, ahead
call('HSET', intent_key(ARGV[1]), ARGV[2], ARGV[3])
if ARGV[4] then wish_ahead(ARGV[1], ARGV[3], ARGV[4]) end
-- Somebody wants its session closed, and not opened again before it is needed.
if ARGV[2] == 'cool' then call('DEL', ahead_key(ARGV[1])) end
wake(ARGV[1], 'i')
return 1
