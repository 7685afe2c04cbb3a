-- Sets a schedule, all of it. What it owes already (a due time that passed) stays owed under any new timing.
-- ARGV: id, version that the caller saw or '', definition (JSON), '1' where the timing is another one, next due ms,
--       where its interval counts from (ms), failures in a row that pause it or '', most schedules
-- Returns {'moved'}, {'full'}, {'same', version} or {'set', version, next due ms}.
-- Uses: keys, clock
local id = ARGV[1]
local key = schedule_key(id)
local known = call('HMGET', key, 'v', 'd', 'n', 'st')
if (known[1] or '') ~= ARGV[2] then return { 'moved' } end
if known[2] == ARGV[3] then return { 'same', known[1] } end
if not known[1] and call('ZCARD', P .. 'schedules') >= tonumber(ARGV[8]) then return { 'full' } end

local version = digits(call('INCR', P .. 'schedule-version'))
local now = digits(time_ms())
call('HSET', key, 'd', ARGV[3], 'v', version, 'ua', now)
if ARGV[7] == '' then call('HDEL', key, 'fl') else call('HSET', key, 'fl', ARGV[7]) end
local due = known[3] or ''
if ARGV[4] == '1' then
  if not (known[3] and tonumber(known[3]) <= tonumber(now)) then due = ARGV[5] end
  call('HSET', key, 'a', ARGV[6], 'n', due)
  call('ZADD', P .. 'due', due, id)
  if known[4] ~= 'paused' then call('HSET', key, 'st', 'active') end
end
if not known[1] then
  call('HSET', key, 'ca', now, 'r', '0', 'f', '0')
  call('ZADD', P .. 'schedules', 0, id)
  -- The ledger of an earlier one of this name goes on.
  call('PERSIST', rows_key(id))
  call('PERSIST', row_order_key(id))
end
return { 'set', version, due }
