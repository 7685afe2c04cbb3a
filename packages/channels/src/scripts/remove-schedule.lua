-- Removes a schedule. Its ledger stays until retention ends, and prompts that it enqueued are run.
-- ARGV: id, version that it must have or '', retention ms
-- Returns 'missing', 'stale' or 'removed'.
-- Uses: keys
local id = ARGV[1]
local known = call('HMGET', schedule_key(id), 'v', 'n')
if not known[1] then return 'missing' end
if ARGV[2] ~= '' and ARGV[2] ~= known[1] then return 'stale' end
call('DEL', schedule_key(id))
call('ZREM', P .. 'schedules', id)
call('ZREM', P .. 'due', id)
for _, key in ipairs({ rows_key(id), row_order_key(id), scheduled_open_key(id) }) do
  call('PEXPIRE', key, ARGV[3])
end
return 'removed'
