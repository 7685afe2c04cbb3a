-- A new incarnation. Its key holds the run of Redis whose leases it knows; renewals leave that as it is.
-- ARGV: worker, ttl ms, description (JSON)
-- Returns 1, or 0 where the id is taken.
-- Uses: keys, clock
if not call('SET', worker_key(ARGV[1]), run_id(), 'PX', ARGV[2], 'NX') then return 0 end
call('HSET', P .. 'workers', ARGV[1], ARGV[3])
return 1
