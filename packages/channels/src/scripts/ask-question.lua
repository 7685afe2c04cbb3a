-- An agent asks something in the middle of its turn. An answer that somebody gave to the same question of an attempt before
-- is used once, where the agent's session knows the conversation.
-- ARGV: channel, worker, fence, prompt id, question id, 'permission' | 'elicitation', fingerprint, ask ms, what is shown
--       (JSON), what an "always" allows (JSON) or '', '1' where an earlier answer may be used, '1' where the caller knows
--       what is allowed on the channel, live view (JSON), why it waits, grant ms, most events
-- Returns {'stale'}, {'gone'} (its turn does not run), {'full'}, {'grants', grant (JSON), ...}: nothing was asked, these may
--         allow it, {'carried', given answer (JSON)} or {'asked', ms until it expires}.
-- Uses: keys, clock, states, work, events, questions
local MOST_OPEN = 50
local channel, worker, fence, prompt_id, id, kind, hash = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local ask_ms, most_events = tonumber(ARGV[8]), ARGV[16]
if not holds(channel, worker, fence) then return { 'stale' } end
local now = time_ms()
-- The same call once more, where its first answer was lost.
local before = call('HMGET', question_key(id), 'st', 'an', 'ap', 'x')
if before[1] then
  if before[3] then return { 'carried', before[2] } end
  return { 'asked', math.max(0, tonumber(before[4]) - now) }
end
local record = call('HMGET', prompt_key(prompt_id), 'st', 'wf', 'df', 'an')
if not runs(record[1], record[2]) or record[3] ~= fence then return { 'gone' } end
if ARGV[12] ~= '1' and call('EXISTS', grants_key(channel)) == 1 then
  local grants = live_grants(channel)
  if #grants > 0 then return { 'grants', unpack(grants) } end
end

-- What people said to the same question of an attempt before, or would have.
local carried, replaced
local known = call('SMEMBERS', questions_of_key(prompt_id))
if #known >= MOST_OPEN then return { 'full' } end
for _, other in ipairs(known) do
  local q = call('HMGET', question_key(other), 'st', 'h', 'n', 'x', 'an', 't')
  if not q[1] then
    call('SREM', questions_of_key(prompt_id), other)
  elseif q[2] == hash and q[6] == kind and tonumber(q[3]) < tonumber(record[4]) then
    if q[1] == 'answered' and ARGV[11] == '1' and tonumber(q[4]) > now and not carried then
      carried, replaced = q[5], other
    elseif not replaced then
      replaced = other
    end
  end
end
if replaced then
  call('HSET', question_key(replaced), 'sb', id)
  call('SREM', questions_of_key(prompt_id), replaced)
  count(carried and 'answersCarried' or 'questionsAskedAgain')
end

call('HSET', question_key(id), 'st', 'pending', 't', kind, 'c', channel, 'p', prompt_id, 'n', record[4], 'h', hash,
  'd', ARGV[9], 'at', digits(now), 'x', digits(now + ask_ms))
if ARGV[10] ~= '' then call('HSET', question_key(id), 'al', ARGV[10]) end
call('PEXPIRE', question_key(id), ask_ms + QUESTION_KEPT_MS)
call('ZADD', P .. 'asked', digits(now), id)
trim_asked(4)
if carried then
  call('HSET', question_key(id), 'an', carried, 'ap', fence)
  close_question(id, 'answered')
  note_allowed(channel, prompt_id, id, ARGV[15])
else
  call('ZADD', P .. 'questions', digits(now + ask_ms), id)
  call('SADD', questions_of_key(prompt_id), id)
  call('PEXPIRE', questions_of_key(prompt_id), ask_ms + QUESTION_KEPT_MS)
  if record[1] == 'running' then
    call('HSET', prompt_key(prompt_id), 'wf', kind, 'wr', ARGV[14], 'ws', digits(now))
    set_state(prompt_id, 'running', 'waiting')
    call('HSET', live_key(worker), channel, ARGV[13])
  end
end
publish_events(channel, { question_event(channel, prompt_id, id, most_events) })
if carried then return { 'carried', carried } end
return { 'asked', ask_ms }
