-- Forgets a channel that has nothing left to do: its settings and sessions. An owner closes its session first.
-- ARGV: channel
-- Returns 'busy', 'closing' or 'gone'.
-- Uses: keys, clock, work, cold
local channel = ARGV[1]
if has_prompts(channel) then return 'busy' end
local owner = call('HGET', lease_key(channel), 'o')
call('DEL', ahead_key(channel))
if owner and call('EXISTS', worker_key(owner)) == 1 then
  call('HSET', intent_key(channel), 'forget', digits(time_ms()))
  wake(channel, 'i')
  return 'closing'
end
forget_channel(channel)
forget_queue(channel)
return 'gone'
