-- Somebody wants a schedule to fire now, whatever it says about that. ARGV: id, prompt id
-- Returns {'missing'} or {'ok', due ms, prompt id}.
-- Uses: keys, clock, occurrences
local id = ARGV[1]
if call('EXISTS', schedule_key(id)) == 0 then return { 'missing' } end
-- A due time of its own, which must be free.
local due = time_ms()
while not add_row(id, digits(due), { trigger = 'run', outcome = 'firing', promptId = ARGV[2] }) do due = due + 1 end
call('ZADD', P .. 'firing', digits(time_ms()), digits(due) .. ' ' .. id)
call('SADD', scheduled_open_key(id), ARGV[2])
call('HINCRBY', schedule_key(id), 'r', 1)
return { 'ok', digits(due), ARGV[2] }
