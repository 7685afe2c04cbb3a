-- The ledger of a schedule.
-- Uses: keys

-- Rows of a schedule's ledger that are kept.
local MOST_ROWS = 1000

-- One row per due time: false where it has one.
local function add_row(id, due, row)
  if call('HSETNX', rows_key(id), due, cjson.encode(row)) == 0 then return false end
  call('ZADD', row_order_key(id), due, due)
  local surplus = call('ZCARD', row_order_key(id)) - MOST_ROWS
  if surplus > 0 then
    for _, oldest in ipairs(call('ZRANGE', row_order_key(id), 0, surplus - 1)) do
      call('HDEL', rows_key(id), oldest)
    end
    call('ZREMRANGEBYRANK', row_order_key(id), 0, surplus - 1)
  end
  return true
end

local function change_row(id, due, change)
  local json = call('HGET', rows_key(id), due)
  if not json then return end
  local row = cjson.decode(json)
  change(row)
  call('HSET', rows_key(id), due, cjson.encode(row))
end

-- What a prompt belongs to: its field `sd` is '<due ms> <schedule>'.
local function due_and_schedule(scheduled) return string.match(scheduled, '^(%d+) (.+)$') end

-- A session was opened ahead for a due time that does not need it.
local function note_wasted(id, due)
  local ahead = call('HMGET', schedule_key(id), 'wt', 'ws')
  if ahead[1] == due and ahead[2] ~= 'failed' then call('HINCRBY', schedule_key(id), 'cw', 1) end
end

-- A schedule's prompt goes to its agent for the first time.
local function note_scheduled_start(scheduled, opened, now_ms)
  local due, id = due_and_schedule(scheduled)
  change_row(id, due, function(row)
    row.startMs = now_ms - tonumber(due)
    row.opened = opened
  end)
  if call('EXISTS', schedule_key(id)) == 0 then return end
  local ahead = call('HMGET', schedule_key(id), 'wt', 'ws', 'wr')
  if ahead[1] ~= due or ahead[2] == 'failed' then return end
  -- Where nobody says when it was ready its owner was busy with other prompts: it was open, or is opened for this one.
  local in_time = opened == 'warm'
  if ahead[2] == 'ready' then in_time = tonumber(ahead[3]) <= tonumber(due) end
  call('HINCRBY', schedule_key(id), in_time and 'ch' or 'cl', 1)
end

-- A schedule's prompt is over. So many failures in a row, and the schedule pauses.
local function note_scheduled_end(scheduled, prompt_id, state)
  local _, id = due_and_schedule(scheduled)
  local key = schedule_key(id)
  call('SREM', scheduled_open_key(id), prompt_id)
  if call('EXISTS', key) == 0 then return end
  if state == 'completed' then
    call('HSET', key, 'f', '0')
  elseif state == 'failed' or state == 'interrupted' then
    local failures = call('HINCRBY', key, 'f', 1)
    local known = call('HMGET', key, 'fl', 'st')
    if known[1] and failures >= tonumber(known[1]) and known[2] == 'active' then
      call('HSET', key, 'st', 'paused', 'pr', failures .. ' of its prompts failed in a row')
    end
  end
end
