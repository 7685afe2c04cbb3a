-- Gives the lease back. ARGV: channel, worker, fence
-- Returns 'stale', 'assigned' (something is left to do) or 'cold'.
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
return let_go(ARGV[1], ARGV[2])
