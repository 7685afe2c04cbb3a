-- The channel's settings, all of them; '' for what is not set. ARGV: channel, interruption policy, priority, the others
--       (JSON), mode, steer fallback, ms and number for collecting
-- Uses: keys, clock, work
local channel = ARGV[1]
local key = channel_key(channel)
local fields = { 'oi', 'y', 'cf', 'mo', 'sf', 'cs', 'cm' }
local before = call('HMGET', key, unpack(fields))
local changed = false
for i, field in ipairs(fields) do
  local value = ARGV[i + 1]
  if value == '' then
    call('HDEL', key, field)
  else
    call('HSET', key, field, value)
  end
  changed = changed or (before[i] or '') ~= value
end
call('ZADD', P .. 'channels', 'NX', digits(time_ms()), channel)
-- A channel that waits for a worker keeps its time and takes its new place.
local score = call('ZSCORE', P .. 'assign', channel)
if score then
  call('ZADD', P .. 'assign', assign_score(channel, tonumber(score) % 10000000000000), channel)
end
if changed then
  -- A dispatch under other settings than these is refused; the owner is told so that it need not come to that.
  local version = call('HINCRBY', key, 'v', 1)
  local owner = call('HGET', lease_key(channel), 'o')
  if owner and call('EXISTS', worker_key(owner)) == 1 then
    call('HSET', intent_key(channel), 'settings', version)
    wake(channel, 'i')
  end
end
return 1
