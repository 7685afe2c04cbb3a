-- Removes an incarnation that is gone, a bounded number of channels a call.
-- ARGV: worker, 'expired' (only where its key is gone) or 'leaving' (its own or its warden's word), most channels
-- Returns {'alive'}, {'more'} or {'done'}.
-- Uses: keys, work, cold
local worker = ARGV[1]
if ARGV[2] == 'leaving' then
  call('DEL', worker_key(worker))
elseif call('EXISTS', worker_key(worker)) == 1 then
  return { 'alive' }
end
for number, channel in ipairs(call('SMEMBERS', owned_key(worker))) do
  if number > tonumber(ARGV[3]) then break end
  if call('HGET', lease_key(channel), 'o') == worker then
    let_go(channel, worker)
  else
    call('SREM', owned_key(worker), channel)
  end
end
if call('SCARD', owned_key(worker)) > 0 then return { 'more' } end
-- What was woken but never owned would be lost with the set.
for _, channel in ipairs(call('SMEMBERS', wake_key(worker))) do
  if has_work(channel) then wake(channel, 'p') end
end
call('DEL', owned_key(worker), wake_key(worker), live_key(worker))
call('HDEL', P .. 'workers', worker)
return { 'done' }
