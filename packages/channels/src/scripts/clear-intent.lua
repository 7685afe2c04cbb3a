-- An owner has done what was asked; a wish written since (another value) stays.
-- ARGV: channel, worker, fence, field, value
-- Uses: keys, work
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
if call('HGET', intent_key(ARGV[1]), ARGV[4]) == ARGV[5] then call('HDEL', intent_key(ARGV[1]), ARGV[4]) end
return 'ok'
