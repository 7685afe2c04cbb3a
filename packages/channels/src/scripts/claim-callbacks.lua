-- Takes due callbacks for one deliverer: of each prompt its first only, of each endpoint a few. A claim runs out by itself.
-- ARGV: name of the claim, most callbacks, most of one endpoint, claim ms, how long one is tried (ms), then pairs:
--       endpoint, how many of it this deliverer may still take
-- Returns {ms until the next one is due or -1, {id, number, claim, tries, url, endpoint, channel, event (JSON), ...}}.
-- Uses: keys, clock, callbacks
local name, left, most_of_one = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local claim_ms = tonumber(ARGV[4])
local room = {}
for i = 6, #ARGV, 2 do room[ARGV[i]] = tonumber(ARGV[i + 1]) end

-- What was tried for long enough is given up, and what expired with nobody there to send it.
local too_old = digits(time_ms() - tonumber(ARGV[5]))
for _, one in ipairs(call('ZRANGEBYSCORE', P .. 'cborder', '-inf', too_old, 'LIMIT', 0, 100)) do
  local id, number = string.match(one, '^(%S+) (%d+)$')
  local first = tonumber(call('HGET', callbacks_key(id), 'h') or number)
  for each = first, tonumber(number) do
    end_callback(id, digits(each), 'cf', '{"code":"expired","at":' .. digits(time_ms()) .. '}')
  end
  call('ZREM', P .. 'cborder', one)
end

local now, claimed = time_ms(), {}
for _, endpoint in ipairs(call('ZRANGEBYSCORE', P .. 'cbdue', '-inf', digits(now), 'LIMIT', 0, 500)) do
  if left == 0 then break end
  local most = math.min(left, room[endpoint] or most_of_one)
  local ids = most > 0 and call('ZRANGEBYSCORE', endpoint_key(endpoint), '-inf', digits(now), 'LIMIT', 0, most) or {}
  for _, id in ipairs(ids) do
    local key = callbacks_key(id)
    local known = call('HMGET', key, 'h', 'u', 'c', 't')
    if not known[1] then
      call('ZREM', endpoint_key(endpoint), id)
    else
      left = left - 1
      local claim = name .. '.' .. left
      call('HSET', key, 'k', claim)
      call('ZADD', endpoint_key(endpoint), digits(now + claim_ms), id)
      for _, part in ipairs({ id, known[1], claim, known[4] or '0', known[2], endpoint, known[3],
        call('HGET', key, known[1]) }) do
        claimed[#claimed + 1] = part
      end
    end
  end
  if most > 0 then note_endpoint_due(endpoint) end
end
-- What is due and was left is looked at again when one of those under way has ended.
local next_due = call('ZRANGEBYSCORE', P .. 'cbdue', '(' .. digits(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { next_due[2] and tonumber(next_due[2]) - now or -1, claimed }
