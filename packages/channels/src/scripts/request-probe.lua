-- Asks every worker to probe an agent now. A worker sees it when it looks around, and answers in what it shows of itself.
-- ARGV: agent, how long the wish is kept (ms)
-- Returns the wish's name: when it was made (Unix ms), and later than the one before.
-- Uses: keys, clock
local key = P .. 'probes'
local name = digits(math.max(time_ms(), tonumber(call('HGET', key, ARGV[1]) or '0') + 1))
call('HSET', key, ARGV[1], name)
call('PEXPIRE', key, ARGV[2])
call('PUBLISH', P .. 'bell:assign', '')
return name
