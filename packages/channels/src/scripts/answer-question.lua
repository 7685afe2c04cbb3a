-- A person's answer; the first one counts. The record is what the owner goes by, so there is no intent.
-- ARGV: id, answer (canonical JSON), id of the API key, fingerprint of what was shown or '', most events
-- Returns {'missing'} or {'answered' | 'same' | 'other' | 'expired' | 'over' | 'differs', question (JSON)}.
-- Uses: keys, clock, work, events, questions
local id, answer = ARGV[1], ARGV[2]
local q = call('HMGET', question_key(id), 'st', 'c', 'p', 'x', 'h', 'aj')
local state, channel, prompt_id = q[1], q[2], q[3]
if not state then return { 'missing' } end
if ARGV[4] ~= '' and ARGV[4] ~= q[5] then return { 'differs', question_json(id) } end
if state == 'answered' then return { q[6] == answer and 'same' or 'other', question_json(id) } end
local now = time_ms()
if state == 'pending' and now >= tonumber(q[4]) then
  close_questions(channel, prompt_id, { id }, 'expired', ARGV[5])
  wake(channel, 'a', id)
  state = 'expired'
end
if state ~= 'pending' then return { state == 'expired' and 'expired' or 'over', question_json(id) } end
call('HSET', question_key(id), 'aj', answer, 'an',
  '{"answer":' .. answer .. ',"by":' .. cjson.encode(ARGV[3]) .. ',"answeredAt":' .. digits(now) .. '}')
close_question(id, 'answered')
wake(channel, 'a', id)
publish_events(channel, { question_event(channel, prompt_id, id, ARGV[5]) })
return { 'answered', question_json(id) }
