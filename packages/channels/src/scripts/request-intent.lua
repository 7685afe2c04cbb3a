-- Writes a wish for the owner and wakes it, or has the channel assigned. Nobody is told; whoever owns it reads it.
-- ARGV: channel, field, value
call('HSET', intent_key(ARGV[1]), ARGV[2], ARGV[3])
wake(ARGV[1], 'i')
return 1
