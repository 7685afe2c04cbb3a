-- What the owner shows of its session. ARGV: channel, worker, fence, live view (JSON)
-- Uses: keys, work
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
call('HSET', live_key(ARGV[2]), ARGV[1], ARGV[4])
return 'ok'
