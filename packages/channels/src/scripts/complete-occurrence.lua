-- The row of a due time that was begun to fire says what came of it.
-- ARGV: id, due ms, reason where it did not fire after all or ''
local id, due = ARGV[1], ARGV[2]
call('ZREM', P .. 'firing', due .. ' ' .. id)
change_row(id, due, function(row)
  if row.outcome ~= 'firing' then return end
  if ARGV[3] ~= '' then
    call('SREM', scheduled_open_key(id), row.promptId)
    row.outcome = 'skipped'
    row.reason = ARGV[3]
    row.promptId = nil
    note_wasted(id, due)
    return
  end
  row.outcome = 'fired'
  local accepted = call('HGET', prompt_key(row.promptId), 'at')
  if accepted then row.latenessMs = tonumber(accepted) - tonumber(due) end
end)
return 1
