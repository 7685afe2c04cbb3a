-- What agents ask people, and what people allow for longer.
-- Uses: keys, clock, states, events

-- A closed question is kept for a day.
local QUESTION_KEPT_MS = 86400000

-- As the API shows it. What does not change is kept as JSON text, so that nothing of it is encoded anew.
local function question_json(id)
  local q = call('HMGET', question_key(id), 'd', 'st', 'at', 'x', 'ca', 'an', 'ap', 'sb')
  local parts = { '"state":"' .. q[2] .. '"', '"askedAt":' .. q[3], '"expiresAt":' .. q[4] }
  if q[5] then parts[#parts + 1] = '"closedAt":' .. q[5] end
  if q[6] then parts[#parts + 1] = '"given":' .. q[6] end
  if q[7] then parts[#parts + 1] = '"applied":true' end
  if q[8] then parts[#parts + 1] = '"supersededBy":"' .. q[8] .. '"' end
  return string.sub(q[1], 1, -2) .. ',' .. table.concat(parts, ',') .. '}'
end

local function question_event(channel, prompt_id, id, most_events)
  return append_event(channel, call('HGET', question_key(id), 't'), prompt_id,
    '{"promptId":"' .. prompt_id .. '","question":' .. question_json(id) .. '}', most_events)
end

-- Nobody may answer it any more, or somebody has.
local function close_question(id, state)
  call('HSET', question_key(id), 'st', state, 'ca', digits(time_ms()))
  call('PEXPIRE', question_key(id), QUESTION_KEPT_MS)
  call('ZREM', P .. 'questions', id)
end

-- Closes what people could still answer of these, and tells who listens.
local function close_questions(channel, prompt_id, ids, state, most_events)
  local events = {}
  for _, id in ipairs(ids) do
    if call('HGET', question_key(id), 'st') == 'pending' then
      close_question(id, state)
      count('questions' .. string.upper(string.sub(state, 1, 1)) .. string.sub(state, 2))
      events[#events + 1] = question_event(channel, prompt_id, id, most_events)
    end
  end
  if #events > 0 then publish_events(channel, events) end
end

-- Drops what is past retention from the list of all questions, oldest first.
local function trim_asked(most)
  local dropped = 0
  for _, id in ipairs(call('ZRANGE', P .. 'asked', 0, most - 1)) do
    if call('EXISTS', question_key(id)) == 1 then break end
    call('ZREM', P .. 'asked', id)
    call('ZREM', P .. 'questions', id)
    dropped = dropped + 1
  end
  return dropped
end

-- Where its agent waits for no answer any more, the turn goes on.
local function go_on(channel, worker, prompt_id, live)
  for _, id in ipairs(call('SMEMBERS', questions_of_key(prompt_id))) do
    if call('HGET', question_key(id), 'st') == 'pending' then return end
  end
  local record = call('HMGET', prompt_key(prompt_id), 'st', 'wf')
  if not asks(record[1], record[2]) then return end
  call('HDEL', prompt_key(prompt_id), 'wf', 'wr', 'ws')
  set_state(prompt_id, 'waiting', 'running')
  call('HSET', live_key(worker), channel, live)
end

local MOST_GRANTS = 100

-- What is allowed on the channel until further notice, as JSON; those that ran out go.
local function live_grants(channel)
  local now, grants = time_ms(), {}
  local all = call('HGETALL', grants_key(channel))
  for i = 1, #all, 2 do
    if tonumber(string.match(all[i + 1], '"expiresAt":(%d+)')) > now then
      grants[#grants + 1] = all[i + 1]
    else
      call('HDEL', grants_key(channel), all[i])
    end
  end
  return grants
end

-- An answer that allows something is on the prompt's record before the agent hears of it; an "always" is on its
-- channel's as well.
local function note_allowed(channel, prompt_id, id, grant_ms)
  local q = call('HMGET', question_key(id), 'an', 'al')
  local given = cjson.decode(q[1])
  local kind = given.answer.kind
  if kind ~= 'allow_once' and kind ~= 'allow_always' then return end
  local now = time_ms()
  local by = cjson.encode(given.by)
  local number = call('HINCRBY', prompt_key(prompt_id), 'gn', 1)
  call('HSET', prompt_key(prompt_id), 'g' .. number,
    '{"questionId":"' .. id .. '","kind":"' .. kind .. '","by":' .. by .. ',"at":' .. digits(now) .. '}')
  if kind ~= 'allow_always' or not q[2] then return end
  local key, expires = grants_key(channel), now + tonumber(grant_ms)
  if #live_grants(channel) >= MOST_GRANTS then
    local soonest, first = math.huge, nil
    local all = call('HGETALL', key)
    for i = 1, #all, 2 do
      local at = tonumber(string.match(all[i + 1], '"expiresAt":(%d+)'))
      if at < soonest then soonest, first = at, all[i] end
    end
    call('HDEL', key, first)
  end
  local grant_id = 'gr_' .. string.sub(id, 4)
  call('HSET', key, grant_id, '{"id":"' .. grant_id .. '","channel":' .. cjson.encode(channel) .. ',"expiresAt":' ..
    digits(expires) .. ',"grantedAt":' .. digits(now) .. ',"by":' .. by .. ',"questionId":"' .. id .. '","scope":' ..
    q[2] .. '}')
  if call('PTTL', key) < tonumber(grant_ms) then call('PEXPIRE', key, grant_ms) end
end
