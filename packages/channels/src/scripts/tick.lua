-- A worker's look around: what woke it, and what it may claim.
-- ARGV: worker, free places
-- Returns {'dead'} or {'ok', woken channels, claimed {channel, fence, ...}, channels left to assign, run id, ms until
-- claims begin, dead incarnations, agents to probe {agent, wish, ...}, schedules that are overdue, '<due ms> <schedule>'
-- of what was begun to fire and left}.
-- Uses: keys, clock, work
local worker, free = ARGV[1], tonumber(ARGV[2])
if call('EXISTS', worker_key(worker)) == 0 then return { 'dead' } end

local function next_fence()
  local fence = math.max(tonumber(call('GET', P .. 'fence') or '0') + 1, time_us())
  call('SET', P .. 'fence', digits(fence))
  return digits(fence)
end

-- Whether this server cannot have forgotten an incarnation that still trusts itself: it was no replica that lacked
-- writes, and either keeps what it is told or runs longer than any trust from before lasts.
local function remembers_all(ttl_ms)
  if not string.find(call('INFO', 'replication'), 'master_replid2:0*%s') then return false end
  if string.find(call('INFO', 'persistence'), 'aof_enabled:1', 1, true) then return true end
  local uptime_secs = tonumber(string.match(call('INFO', 'server'), 'uptime_in_seconds:(%d+)') or '0')
  return uptime_secs * 1000 >= ttl_ms
end

-- Redis may have forgotten leases whenever it is another run of it that answers. Nobody claims until every trust from
-- before has run out; at once where all that could be trusted is known to be gone: each incarnation that is left has
-- registered, or verified its leases, under this run.
local function claims_wait_ms(run)
  if run == '' then return 0 end
  local key = P .. 'run'
  local known = call('HMGET', key, 'id', 'from', 'sure')
  local now = time_ms()
  local from, sure = tonumber(known[2] or '0'), known[3] == '1'
  if known[1] == run and from <= now then return 0 end

  local all_current, ttl_ms = true, 0
  local described = call('HGETALL', P .. 'workers')
  for i = 1, #described, 2 do
    if call('GET', worker_key(described[i])) ~= run then all_current = false end
    ttl_ms = math.max(ttl_ms, cjson.decode(described[i + 1]).leaseTtlMs or 0)
  end
  if known[1] ~= run then
    from = now + ttl_ms
    sure = remembers_all(ttl_ms)
  end
  if sure and all_current then from = now end
  if known[1] ~= run or from <= now then
    -- Deleting comes first: what begins with it is not refused when Redis is full.
    call('DEL', key)
    call('HSET', key, 'id', run, 'from', digits(from), 'sure', sure and '1' or '0')
  end
  return from - now
end

-- Channels whose rest is over go on.
for _, channel in ipairs(call('ZRANGEBYSCORE', P .. 'parked', '-inf', digits(time_ms()), 'LIMIT', 0, 20)) do
  unblock(channel)
end

local run = run_id()
local wait_ms = claims_wait_ms(run)
local woken = call('SMEMBERS', wake_key(worker))
local claimed = {}
local waiting = call('ZCARD', P .. 'assign')
if waiting > 0 and free > 0 and wait_ms <= 0 then
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
      -- Told again until the owner has looked after it: the answer to this call may be lost.
      call('SADD', wake_key(worker), channel)
      claimed[#claimed + 1] = channel
      claimed[#claimed + 1] = fence
    end
  end
end
-- Incarnations whose life has run out: whoever sees them first removes them.
local dead = {}
for _, id in ipairs(call('HKEYS', P .. 'workers')) do
  if call('EXISTS', worker_key(id)) == 0 then dead[#dead + 1] = id end
end
-- A due time that should have been seen to: whoever had it is gone, or has a clock that is behind. Told to one worker, and
-- to another one where nothing came of it. Refused when Redis is full.
local overdue = {}
local now = time_ms()
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'due', '-inf', digits(now - 2000), 'LIMIT', 0, 100)) do
  local told = redis.pcall('SET', due_told_key(id), '1', 'NX', 'PX', 15000)
  if type(told) == 'table' and told.ok then overdue[#overdue + 1] = id end
end
local left = call('ZRANGEBYSCORE', P .. 'firing', '-inf', digits(now - 5000), 'LIMIT', 0, 100)
return { 'ok', woken, claimed, call('ZCARD', P .. 'assign'), run, wait_ms, dead, call('HGETALL', P .. 'probes'), overdue,
  left }
