-- Writes what becomes of a schedule's due times, a row for each, and moves on to the next one. Nothing happens before
-- its time, nor twice.
-- ARGV: id, version, state and next due ms as the caller saw them, the due ms that follows or '', overlap policy,
--       most runs or '', then for each due time: due ms, prompt id where it fires or '', reason where it does not or '',
--       last due ms that the row stands for or '', what people are told of the reason or ''
-- Returns {'moved'}, {'early', ms} or {'ok', {due ms that fire}, {prompts that are not finished}}.
-- Uses: keys, clock, occurrences
local id = ARGV[1]
local key = schedule_key(id)
local known = call('HMGET', key, 'v', 'st', 'n', 'r')
if known[1] ~= ARGV[2] or known[2] ~= ARGV[3] or known[3] ~= ARGV[4] then return { 'moved' } end
local now = time_ms()
if tonumber(ARGV[4]) > now then return { 'early', digits(tonumber(ARGV[4]) - now) } end

local open = {}
for _, prompt in ipairs(call('SMEMBERS', scheduled_open_key(id))) do
  local state = call('HGET', prompt_key(prompt), 'st')
  if state == 'accepted' or state == 'running' or state == 'waiting' then
    open[#open + 1] = prompt
  else
    call('SREM', scheduled_open_key(id), prompt)
  end
end

local most, runs = tonumber(ARGV[7]), tonumber(known[4] or '0')
local fired = {}
for i = 8, #ARGV, 5 do
  local due, prompt, reason, through = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if prompt ~= '' then
    if most and runs >= most then
      reason = 'limit'
    elseif ARGV[6] == 'skip' and #open > 0 then
      reason = 'overlap'
    end
  end
  local row = { trigger = 'schedule', outcome = 'skipped' }
  if reason == '' then
    row.outcome = 'firing'
    row.promptId = prompt
  else
    row.reason = reason
    if through ~= '' then row.through = tonumber(through) end
    if ARGV[i + 4] ~= '' then row.detail = ARGV[i + 4] end
    note_wasted(id, due)
  end
  if add_row(id, due, row) and reason == '' then
    runs = runs + 1
    fired[#fired + 1] = due
    call('ZADD', P .. 'firing', digits(now), due .. ' ' .. id)
    call('SADD', scheduled_open_key(id), prompt)
  end
end

call('HSET', key, 'r', runs)
if ARGV[5] == '' or (most and runs >= most) then
  call('HSET', key, 'st', 'finished')
  call('HDEL', key, 'n', 'pr')
  call('ZREM', P .. 'due', id)
else
  call('HSET', key, 'n', ARGV[5])
  call('ZADD', P .. 'due', ARGV[5], id)
end
return { 'ok', fired, open }
