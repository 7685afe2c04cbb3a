-- What was allowed until further notice is not any more. ARGV: channel, grant id
-- Returns 1, or 0 where there is none.
-- Uses: keys, questions
live_grants(ARGV[1])
return call('HDEL', grants_key(ARGV[1]), ARGV[2])
