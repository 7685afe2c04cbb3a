-- The channel's settings, all of them. ARGV: channel, interruption policy or '', priority or ''
local channel = ARGV[1]
for field, value in pairs({ oi = ARGV[2], y = ARGV[3] }) do
  if value == '' then
    call('HDEL', channel_key(channel), field)
  else
    call('HSET', channel_key(channel), field, value)
  end
end
-- A channel that waits for a worker keeps its time and takes its new place.
local score = call('ZSCORE', P .. 'assign', channel)
if score then
  call('ZADD', P .. 'assign', assign_score(channel, tonumber(score) % 10000000000000), channel)
end
return 1
