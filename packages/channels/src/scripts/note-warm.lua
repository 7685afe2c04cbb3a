-- A session was opened ahead, or could not be.
-- ARGV: channel, worker, fence, '<due ms> <schedule>' or '', 'ready' | 'failed', reason or '', agent or '', open ms or ''
-- Returns 'stale' or 'ok'.
-- Uses: keys, clock, work, ahead, occurrences
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
if ARGV[8] ~= '' then note_open_time(ARGV[7], ARGV[8]) end
if ARGV[4] == '' then return 'ok' end
local due, id = due_and_schedule(ARGV[4])
local key = schedule_key(id)
local ahead = call('HMGET', key, 'wt', 'ws')
-- Who could not open it is followed by a further try, if any.
if ARGV[5] == 'failed' then call('DEL', ahead_key(ARGV[1])) end
if ahead[1] ~= due or ahead[2] ~= 'asked' then return 'ok' end
call('HSET', key, 'ws', ARGV[5], 'wr', digits(time_ms()))
if ARGV[5] == 'failed' then
  call('HINCRBY', key, 'cf', 1)
  call('HSET', key, 'we', ARGV[6])
end
return 'ok'
