-- The agent does not want to know any more, or its turn was cancelled: an answer that was given and not told is dropped.
-- ARGV: channel, worker, fence, prompt id, live view (JSON) of a turn that goes on, most events, question ids ...
-- Returns 'stale' or 'ok'.
-- Uses: keys, work, questions
local channel, worker, prompt_id = ARGV[1], ARGV[2], ARGV[4]
if not holds(channel, worker, ARGV[3]) then return 'stale' end
local ids = {}
for i = 7, #ARGV do
  if call('HGET', question_key(ARGV[i]), 'p') == prompt_id then ids[#ids + 1] = ARGV[i] end
end
close_questions(channel, prompt_id, ids, 'cancelled', ARGV[6])
if #ids > 0 then call('SREM', questions_of_key(prompt_id), unpack(ids)) end
go_on(channel, worker, prompt_id, ARGV[5])
return 'ok'
