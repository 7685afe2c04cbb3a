-- Who owns a channel, what there is to do on it, and who is told.
-- Uses: keys, clock, states

-- Whether this worker incarnation still owns the channel under this fence.
local function holds(channel, worker, fence)
  local lease = call('HMGET', lease_key(channel), 'o', 'f')
  return lease[1] == worker and lease[2] == fence and call('EXISTS', worker_key(worker)) == 1
end

-- What a refused enqueue left in the place of the job would refuse the job itself.
local function clear_refused(channel, id)
  local job = queue_key(channel, id)
  if call('HEXISTS', job, 'refused') == 1 then call('DEL', job) end
end

local function has_jobs(channel)
  return call('LLEN', queue_key(channel, 'wait')) > 0 or call('LLEN', queue_key(channel, 'active')) > 0
end

-- Prompts that wait for their time have no job yet.
local function has_prompts(channel) return has_jobs(channel) or call('EXISTS', later_key(channel)) == 1 end

-- The jobs that wait in the channel's queue, the next one first; at most `count`.
local function next_jobs(channel, count)
  local ids = call('LRANGE', queue_key(channel, 'wait'), -count, -1)
  local ordered = {}
  for i = #ids, 1, -1 do ordered[#ordered + 1] = ids[i] end
  return ordered
end

-- A blocked channel holds its prompts until it is unblocked: they are no work meanwhile.
local function is_blocked(channel) return call('HEXISTS', channel_key(channel), 'b') == 1 end

-- `until_ms` where it goes on by itself then; the tick sees to that.
local function block(channel, reason, detail, prompt_id, until_ms)
  local parts = { '"reason":"' .. reason .. '"', '"since":' .. digits(time_ms()) }
  if detail ~= '' then parts[#parts + 1] = '"detail":' .. cjson.encode(detail) end
  if prompt_id ~= '' then parts[#parts + 1] = '"promptId":"' .. prompt_id .. '"' end
  if until_ms then
    parts[#parts + 1] = '"until":' .. digits(until_ms)
    call('ZADD', P .. 'parked', digits(until_ms), channel)
  end
  call('HSET', channel_key(channel), 'b', '{' .. table.concat(parts, ',') .. '}')
end

-- Anything that an owner has to do: a prompt that waits or was left active, or an intent.
local function has_work(channel)
  return call('EXISTS', intent_key(channel)) == 1 or (has_jobs(channel) and not is_blocked(channel))
end

-- The order of `assign`: priority (0 to 9, the highest first), then waiting time.
local function assign_score(channel, since_ms)
  local priority = tonumber(call('HGET', channel_key(channel), 'y') or '0')
  return digits((9 - priority) * 10000000000000 + since_ms)
end

-- Puts the channel where a worker will find it. NX keeps the time since when it waits.
local function assign(channel)
  call('ZADD', P .. 'assign', 'NX', assign_score(channel, time_ms()), channel)
  call('PUBLISH', P .. 'bell:assign', channel)
end

-- Level-triggered: the member stays until its channel has nothing left to do. The bell may be lost; where it names a
-- prompt, an idle owner can fetch and dispatch it at once.
local function wake(channel, reason, prompt_id)
  if reason == 'p' and is_blocked(channel) then return end
  local owner = call('HGET', lease_key(channel), 'o')
  if owner and call('EXISTS', worker_key(owner)) == 1 then
    call('SADD', wake_key(owner), channel)
    call('PUBLISH', P .. 'bell:' .. owner, reason .. channel .. (prompt_id and ('\n' .. prompt_id) or ''))
  else
    assign(channel)
  end
end

-- The channel goes on, and with it the prompt that waited for that.
local function unblock(channel)
  local block_json = call('HGET', channel_key(channel), 'b')
  call('ZREM', P .. 'parked', channel)
  if not block_json then return end
  call('HDEL', channel_key(channel), 'b')
  local id = cjson.decode(block_json).promptId
  if id and call('HGET', prompt_key(id), 'st') == 'waiting' then
    call('HDEL', prompt_key(id), 'wf', 'wr')
    set_state(id, 'waiting', 'accepted')
  end
  if has_work(channel) then wake(channel, 'p', id) end
end
