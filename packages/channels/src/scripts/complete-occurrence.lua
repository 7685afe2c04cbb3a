-- The row of a due time that was begun to fire says what came of it.
-- ARGV: id, due ms, reason where it did not fire after all or ''
-- Uses: keys, occurrences
local id, due = ARGV[1], ARGV[2]
call('ZREM', P .. 'firing', due .. ' ' .. id)
change_row(id, due, function(row)
  if row.outcome ~= 'firing' then return end
  local accepted = call('HGET', prompt_key(row.promptId), 'at')
  -- Another process may have found room for it after all.
  if ARGV[3] ~= '' and not accepted then
    call('SREM', scheduled_open_key(id), row.promptId)
    row.outcome = 'skipped'
    row.reason = ARGV[3]
    row.promptId = nil
    note_wasted(id, due)
    return
  end
  row.outcome = 'fired'
  if accepted then row.latenessMs = tonumber(accepted) - tonumber(due) end
end)
return 1
