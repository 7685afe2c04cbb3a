-- Part of the sweep: drops what is past retention from the indexes, and closes questions that nobody answered in time and
-- that no owner looks after. ARGV: most entries per index and call, most events
-- Returns how many were dropped.
-- Uses: keys, clock, cold, questions
local dropped = 0
for _, state in ipairs({ 'completed', 'failed', 'cancelled', 'interrupted' }) do
  dropped = dropped + trim_index(state_key(state), tonumber(ARGV[1]))
end
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'questions', '-inf', digits(time_ms()), 'LIMIT', 0, ARGV[1])) do
  local question = call('HMGET', question_key(id), 'c', 'p')
  if question[1] then
    close_questions(question[1], question[2], { id }, 'expired', ARGV[2])
  else
    call('ZREM', P .. 'questions', id)
  end
end
return dropped + trim_asked(tonumber(ARGV[1]))
