-- A worker's look around: what woke it, and what it may claim.
-- ARGV: worker, free places
-- Returns {'dead'} or {'ok', woken channels, claimed {channel, fence, ...}, channels left to assign}.
local worker, free = ARGV[1], tonumber(ARGV[2])
if call('EXISTS', worker_key(worker)) == 0 then return { 'dead' } end

local function next_fence()
  local fence = math.max(tonumber(call('GET', P .. 'fence') or '0') + 1, time_us())
  call('SET', P .. 'fence', digits(fence))
  return digits(fence)
end

local claimed = {}
local waiting = call('ZCARD', P .. 'assign')
if waiting > 0 and free > 0 then
  -- A fair share, so that the first worker to look does not take everything.
  local share = math.ceil(waiting / math.max(1, call('HLEN', P .. 'workers')))
  for _, channel in ipairs(call('ZRANGE', P .. 'assign', 0, math.min(free, share) - 1)) do
    local owner = call('HGET', lease_key(channel), 'o')
    call('ZREM', P .. 'assign', channel)
    if owner and call('EXISTS', worker_key(owner)) == 1 then
      call('SADD', wake_key(owner), channel)
      call('PUBLISH', P .. 'bell:' .. owner, 'p' .. channel)
    else
      if owner then call('SREM', owned_key(owner), channel) end
      local fence = next_fence()
      call('DEL', lease_key(channel))
      call('HSET', lease_key(channel), 'o', worker, 'f', fence)
      call('SADD', owned_key(worker), channel)
      claimed[#claimed + 1] = channel
      claimed[#claimed + 1] = fence
    end
  end
end
return { 'ok', call('SMEMBERS', wake_key(worker)), claimed, call('ZCARD', P .. 'assign') }
