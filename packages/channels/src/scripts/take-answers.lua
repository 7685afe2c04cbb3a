-- The owner takes what became of a turn's questions. An answer counts as told from here on: it is never told in another
-- attempt. Overdue questions expire. Safe to repeat under the same fence.
-- ARGV: channel, worker, fence, prompt id, grant ms, live view (JSON) of a turn that goes on, most events, question ids ...
-- Returns {'stale'} or {'ok', [id, state or 'missing', given answer (JSON), or ms until it expires, or ''] ...}.
-- Uses: keys, clock, work, questions
local channel, worker, fence, prompt_id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not holds(channel, worker, fence) then return { 'stale' } end
local now = time_ms()
local answer = { 'ok' }
for i = 8, #ARGV do
  local id = ARGV[i]
  local q = call('HMGET', question_key(id), 'st', 'p', 'x', 'an', 'ap')
  local state, detail = q[1], ''
  if not state or q[2] ~= prompt_id then
    state = 'missing'
  elseif state == 'pending' and now >= tonumber(q[3]) then
    close_questions(channel, prompt_id, { id }, 'expired', ARGV[7])
    state = 'expired'
  elseif state == 'pending' then
    detail = digits(tonumber(q[3]) - now)
  elseif state == 'answered' then
    detail = q[4]
    if not q[5] then
      call('HSET', question_key(id), 'ap', fence)
      note_allowed(channel, prompt_id, id, ARGV[5])
    end
  end
  if state ~= 'pending' then call('SREM', questions_of_key(prompt_id), id) end
  answer[#answer + 1] = id
  answer[#answer + 1] = state
  answer[#answer + 1] = detail
end
go_on(channel, worker, prompt_id, ARGV[6])
return answer
