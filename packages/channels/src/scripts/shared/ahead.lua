-- Sessions that are opened ahead of a due time.
-- Uses: keys, clock

-- A wish that a session be open by a due time, `<kept until ms> <due ms> <schedule or prompt>`: kept until then, should
-- the session be lost. Of several the last one counts.
local function wish_ahead(channel, wish, due)
  call('HSET', intent_key(channel), 'warm', wish)
  local key = ahead_key(channel)
  local known = call('HGET', key, 'w')
  if known and tonumber(string.match(known, ' (%d+) ')) > tonumber(due) then return end
  local left = tonumber(due) - time_ms()
  if left <= 0 then return end
  if known ~= wish then call('DEL', key) end
  call('HSET', key, 'w', wish)
  call('PEXPIRE', key, digits(left))
end

-- Openings of one due time beyond the first, where its session was lost before its time.
local MOST_REOPENED = 2

-- The session that a due time waits for is gone with its owner: the next one opens it again.
local function wish_again(channel)
  local known = call('HMGET', ahead_key(channel), 'w', 'n')
  local reopened = tonumber(known[2] or '0')
  if not known[1] or reopened >= MOST_REOPENED or call('HEXISTS', intent_key(channel), 'warm') == 1 then return end
  local due, id = string.match(known[1], '^%d+ (%d+) (.+)$')
  local schedule = call('HMGET', schedule_key(id), 'st', 'n')
  if schedule[1] == 'active' and schedule[2] == due then
    call('HSET', schedule_key(id), 'ws', 'asked')
    call('HDEL', schedule_key(id), 'wr')
    call('HINCRBY', schedule_key(id), 'cx', 1)
  elseif call('HEXISTS', prompt_key(id), 'nb') == 0 then
    return
  end
  call('HSET', ahead_key(channel), 'n', digits(reopened + 1))
  call('HSET', intent_key(channel), 'warm', known[1])
end

-- Agents' last opening times are kept (ms), for those who want to open just in time.
local function note_open_time(agent, open_ms)
  call('LPUSH', P .. 'opening:' .. agent, open_ms)
  call('LTRIM', P .. 'opening:' .. agent, 0, 19)
end
