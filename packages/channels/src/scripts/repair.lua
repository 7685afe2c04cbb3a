-- Part of the sweep: looks at a bounded stretch of the open prompts. An entry without a record goes; a channel that has
-- prompts and neither an owner nor a place in `assign` gets one. A prompt whose job is gone is told, and free to get one.
-- ARGV: state, first entry, most entries
-- Returns {entries looked at, entries dropped, {channel, id, ...} without a job}.
-- Uses: keys, clock, states, work
local ids = call('ZRANGE', state_key(ARGV[1]), ARGV[2], tonumber(ARGV[2]) + tonumber(ARGV[3]) - 1)
local dropped, lost, seen = 0, {}, {}
-- What waits for its time has no job in its queue; a minute after that time the one that adds it was lost.
local latest = time_ms() - 60000
for _, id in ipairs(ids) do
  local record = call('HMGET', prompt_key(id), 'c', 'nb')
  local channel, not_before = record[1], tonumber(record[2] or '0')
  if not channel then
    call('ZREM', state_key(ARGV[1]), id)
    dropped = dropped + 1
  elseif not_before <= latest then
    if record[2] then stop_waiting(channel, id) end
    -- A finished job of an open prompt is as lost as none.
    local job = call('HMGET', queue_key(channel, id), 'name', 'finishedOn')
    if not job[1] or job[2] then
      -- What is left of it would make the add that follows do nothing, or do it twice.
      call('UNLINK', queue_key(channel, id), queue_key(channel, id) .. ':lock')
      for _, list in ipairs({ 'wait', 'active' }) do call('LREM', queue_key(channel, list), 0, id) end
      for _, set in ipairs({ 'completed', 'failed' }) do call('ZREM', queue_key(channel, set), id) end
      lost[#lost + 1] = channel
      lost[#lost + 1] = id
    end
    if not seen[channel] then
      seen[channel] = true
      if has_work(channel) then wake(channel, 'p') end
    end
  end
end
return { #ids, dropped, lost }
