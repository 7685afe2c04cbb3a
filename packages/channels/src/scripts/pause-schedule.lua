-- Pauses a schedule or lets it go on. ARGV: id, 'paused' | 'active', reason or ''
-- Returns 'missing', 'finished', or the state it is in now.
-- Uses: keys
local key = schedule_key(ARGV[1])
local state = call('HGET', key, 'st')
if not state then return 'missing' end
if state == 'finished' then return 'finished' end
call('HSET', key, 'st', ARGV[2])
if ARGV[2] == 'paused' then
  if state == 'active' then call('HSET', key, 'pr', ARGV[3]) end
else
  call('HDEL', key, 'pr')
  -- Whoever lets it go on has seen to its failures.
  call('HSET', key, 'f', '0')
end
return ARGV[2]
