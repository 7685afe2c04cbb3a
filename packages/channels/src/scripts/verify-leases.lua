-- A worker re-reads the leases that it believes to hold: after a restart or a failover Redis may have forgotten some of
-- them, or know of others. Where it holds nothing that this run of Redis does not know, its key says so: nobody has to
-- wait for it any longer.
-- ARGV: worker, '1' where also that is to be let go which Redis calls its own and the worker knows nothing of,
--       then (channel, fence) repeated
-- Returns {'dead'} or {'ok', channels that are not its own, channels let go}.
-- Uses: keys, clock, work, cold
local worker = ARGV[1]
if call('EXISTS', worker_key(worker)) == 0 then return { 'dead' } end
local held, lost, let = {}, {}, {}
for i = 3, #ARGV, 2 do
  local lease = call('HMGET', lease_key(ARGV[i]), 'o', 'f')
  if lease[1] == worker and lease[2] == ARGV[i + 1] then
    held[ARGV[i]] = true
  else
    lost[#lost + 1] = ARGV[i]
  end
end
local run = run_id()
if #lost == 0 and call('GET', worker_key(worker)) ~= run then
  -- Refused when Redis is full; then others wait.
  redis.pcall('SET', worker_key(worker), run, 'XX', 'KEEPTTL')
end
if ARGV[2] == '1' then
  for _, channel in ipairs(call('SMEMBERS', owned_key(worker))) do
    if not held[channel] then
      if call('HGET', lease_key(channel), 'o') == worker then
        let_go(channel, worker)
        let[#let + 1] = channel
      else
        call('SREM', owned_key(worker), channel)
      end
    end
  end
  for _, channel in ipairs(call('SMEMBERS', wake_key(worker))) do
    if not held[channel] then
      call('SREM', wake_key(worker), channel)
      if has_work(channel) then wake(channel, 'p') end
    end
  end
end
return { 'ok', lost, let }
