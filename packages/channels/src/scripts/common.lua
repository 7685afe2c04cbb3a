-- Included ahead of every script. KEYS[1] is the key prefix with its constant hash tag ("{pl}:"): all keys are
-- built from it, so that every script also runs on one slot of a Redis Cluster. keys.ts names the same keys.
local P = KEYS[1]
local call = redis.call

local function lease_key(channel) return P .. 'lease:' .. channel end
local function channel_key(channel) return P .. 'c:' .. channel end
local function intent_key(channel) return P .. 'intent:' .. channel end
local function events_key(channel) return P .. 'ev:' .. channel end
local function ahead_key(channel) return P .. 'ahead:' .. channel end
local function later_key(channel) return P .. 'later:' .. channel end
local function channel_prompts_key(channel) return P .. 'cp:' .. channel end
local function worker_key(worker) return P .. 'worker:' .. worker end
local function owned_key(worker) return P .. 'owned:' .. worker end
local function wake_key(worker) return P .. 'wake:' .. worker end
local function live_key(worker) return P .. 'live:' .. worker end
local function prompt_key(id) return P .. 'p:' .. id end
local function state_key(state) return P .. 'ix:' .. state end
local function schedule_key(id) return P .. 'sch:' .. id end
local function rows_key(id) return P .. 'schrows:' .. id end
local function row_order_key(id) return P .. 'schorder:' .. id end
local function due_told_key(id) return P .. 'duetold:' .. id end
local function scheduled_open_key(id) return P .. 'schopen:' .. id end
local function question_key(id) return P .. 'question:' .. id end
local function questions_of_key(prompt_id) return P .. 'questionsof:' .. prompt_id end
local function grants_key(channel) return P .. 'grants:' .. channel end
local function callbacks_key(id) return P .. 'cb:' .. id end
local function endpoint_key(endpoint) return P .. 'cbe:' .. endpoint end

-- BullMQ's keys of the channel's queue; the encoding of queue-name.ts.
local function queue_key(channel, suffix)
  local name = string.gsub(channel, '[^%w_.-]', function(c) return string.format('~%02X', string.byte(c)) end)
  return P .. 'q:' .. name .. ':' .. suffix
end

-- Redis time: the only clock that all machines share.
local function time_us()
  local t = call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end
local function time_ms() return math.floor(time_us() / 1000) end

-- The life of the server that answers: another one after a restart or a failover; '' where it does not say.
local function run_id() return string.match(call('INFO', 'server'), 'run_id:(%w+)') or '' end

-- Plain concatenation prints large numbers with lost digits.
local function digits(number) return string.format('%.0f', number) end

-- How often something was done that nobody hopes for.
local function count(what) call('HINCRBY', P .. 'counts', what, 1) end

-- A turn whose agent waits for a person's answer runs all the same: its process lives.
local function asks(state, waiting_for)
  return state == 'waiting' and (waiting_for == 'permission' or waiting_for == 'elicitation')
end
local function runs(state, waiting_for) return state == 'running' or asks(state, waiting_for) end

-- Whether this worker incarnation still owns the channel under this fence.
local function holds(channel, worker, fence)
  local lease = call('HMGET', lease_key(channel), 'o', 'f')
  return lease[1] == worker and lease[2] == fence and call('EXISTS', worker_key(worker)) == 1
end

-- What a refused enqueue left in the place of the job would refuse the job itself.
local function clear_refused(channel, id)
  local job = queue_key(channel, id)
  if call('HEXISTS', job, 'refused') == 1 then call('DEL', job) end
end

local function has_jobs(channel)
  return call('LLEN', queue_key(channel, 'wait')) > 0 or call('LLEN', queue_key(channel, 'active')) > 0
end

-- Prompts that wait for their time have no job yet.
local function has_prompts(channel) return has_jobs(channel) or call('EXISTS', later_key(channel)) == 1 end

-- A prompt does not wait for its time any more.
local function stop_waiting(channel, id)
  call('HDEL', prompt_key(id), 'nb', 'wf')
  call('SREM', later_key(channel), id)
end

-- A blocked channel holds its prompts until it is unblocked: they are no work meanwhile.
local function is_blocked(channel) return call('HEXISTS', channel_key(channel), 'b') == 1 end

-- `until_ms` where it goes on by itself then; the tick sees to that.
local function block(channel, reason, detail, prompt_id, until_ms)
  local parts = { '"reason":"' .. reason .. '"', '"since":' .. digits(time_ms()) }
  if detail ~= '' then parts[#parts + 1] = '"detail":' .. cjson.encode(detail) end
  if prompt_id ~= '' then parts[#parts + 1] = '"promptId":"' .. prompt_id .. '"' end
  if until_ms then
    parts[#parts + 1] = '"until":' .. digits(until_ms)
    call('ZADD', P .. 'parked', digits(until_ms), channel)
  end
  call('HSET', channel_key(channel), 'b', '{' .. table.concat(parts, ',') .. '}')
end

-- Anything that an owner has to do: a prompt that waits or was left active, or an intent.
local function has_work(channel)
  return call('EXISTS', intent_key(channel)) == 1 or (has_jobs(channel) and not is_blocked(channel))
end

-- The order of `assign`: priority (0 to 9, the highest first), then waiting time.
local function assign_score(channel, since_ms)
  local priority = tonumber(call('HGET', channel_key(channel), 'y') or '0')
  return digits((9 - priority) * 10000000000000 + since_ms)
end

-- Puts the channel where a worker will find it. NX keeps the time since when it waits.
local function assign(channel)
  call('ZADD', P .. 'assign', 'NX', assign_score(channel, time_ms()), channel)
  call('PUBLISH', P .. 'bell:assign', channel)
end

-- Level-triggered: the member stays until its channel has nothing left to do. The bell may be lost; where it names a
-- prompt, an idle owner can fetch and dispatch it at once.
local function wake(channel, reason, prompt_id)
  if reason == 'p' and is_blocked(channel) then return end
  local owner = call('HGET', lease_key(channel), 'o')
  if owner and call('EXISTS', worker_key(owner)) == 1 then
    call('SADD', wake_key(owner), channel)
    call('PUBLISH', P .. 'bell:' .. owner, reason .. channel .. (prompt_id and ('\n' .. prompt_id) or ''))
  else
    assign(channel)
  end
end

-- Moves a prompt from the index of one state to that of another.
local function set_state(id, before, after)
  if before == after then return end
  call('HSET', prompt_key(id), 'st', after)
  call('ZADD', state_key(after), call('HGET', prompt_key(id), 'q'), id)
  call('ZREM', state_key(before), id)
end

-- The channel goes on, and with it the prompt that waited for that.
local function unblock(channel)
  local block_json = call('HGET', channel_key(channel), 'b')
  call('ZREM', P .. 'parked', channel)
  if not block_json then return end
  call('HDEL', channel_key(channel), 'b')
  local id = cjson.decode(block_json).promptId
  if id and call('HGET', prompt_key(id), 'st') == 'waiting' then
    call('HDEL', prompt_key(id), 'wf', 'wr')
    set_state(id, 'waiting', 'accepted')
  end
  if has_work(channel) then wake(channel, 'p', id) end
end

-- What is sent to a prompt's callback URL: what its turn waits for, and its end.
local CALLED_BACK = { permission = 'wait', elicitation = 'wait', waiting = 'wait', completed = 'end', failed = 'end',
  cancelled = 'end', interrupted = 'end' }
local MOST_CALLBACKS, MOST_CALLBACKS_OF_PROMPT, MOST_CALLBACK_BYTES = 10000, 100, 65536
-- An hour longer than one is tried: what nobody empties goes by itself.
local CALLBACKS_KEPT_MS = 90000000

-- When an endpoint is next due: with the first of its prompts.
local function note_endpoint_due(endpoint)
  local first = call('ZRANGE', endpoint_key(endpoint), 0, 0, 'WITHSCORES')
  if first[1] then
    call('ZADD', P .. 'cbdue', first[2], endpoint)
  else
    call('ZREM', P .. 'cbdue', endpoint)
  end
end

-- Puts an event into the outbox where its prompt has a callback URL; in the script that writes the event, so that neither
-- is ever without the other. The number of a prompt's callback is what makes its id, and is not given twice.
local function note_callback(channel, kind, id, data)
  local to = call('HMGET', prompt_key(id), 'cb', 'ce', 'cg')
  if not to[1] then return end
  local now, key = digits(time_ms()), callbacks_key(id)
  local open = call('HMGET', key, 'h', 'l')
  local count = open[1] and tonumber(open[2]) - tonumber(open[1]) + 1 or 0
  -- A prompt's end finds room where its questions find none.
  local is_full = call('ZCARD', P .. 'cborder') >= MOST_CALLBACKS or
    (CALLED_BACK[kind] ~= 'end' and count >= MOST_CALLBACKS_OF_PROMPT)
  if to[3] or is_full then
    call('HINCRBY', prompt_key(id), 'cf', 1)
    if is_full then call('HSET', prompt_key(id), 'cl', '{"code":"outbox_full","at":' .. now .. '}') end
    return
  end
  if #data > MOST_CALLBACK_BYTES then data = '{"omittedBytes":' .. #data .. '}' end
  local number = call('HINCRBY', prompt_key(id), 'cn', 1)
  call('HINCRBY', prompt_key(id), 'cp', 1)
  if count == 0 then
    call('HSET', key, 'u', to[1], 'e', to[2], 'c', channel, 'h', number)
    call('ZADD', endpoint_key(to[2]), now, id)
    note_endpoint_due(to[2])
  end
  call('HSET', key, 'l', number, number, '{"type":"' .. kind .. '","at":' .. now .. ',"data":' .. data .. '}')
  call('ZADD', P .. 'cborder', now, id .. ' ' .. number)
  for _, kept in ipairs({ key, endpoint_key(to[2]), P .. 'cborder', P .. 'cbdue' }) do
    call('PEXPIRE', kept, CALLBACKS_KEPT_MS)
  end
  call('PUBLISH', P .. 'bell:callbacks', id)
end

-- Those who are part of the prompt's turn are told what it waits for, too; their ends are events of their own.
local function note_callbacks(channel, kind, id, data)
  local what = CALLED_BACK[kind]
  if not what or (kind == 'waiting' and not string.find(data, '"waitingFor":"decision"', 1, true)) then return end
  note_callback(channel, kind, id, data)
  if what == 'end' then return end
  for _, member in ipairs(cjson.decode(call('HGET', prompt_key(id), 'ms') or '[]')) do
    if call('HGET', prompt_key(member), 'mt') == id then note_callback(channel, kind, member, data) end
  end
end

-- The first of a prompt's callbacks is over; `counter` says how (`cd` delivered, `cf` failed). The next one is due at once.
local function end_callback(id, number, counter, failure)
  local key = callbacks_key(id)
  call('ZREM', P .. 'cborder', id .. ' ' .. number)
  if call('EXISTS', prompt_key(id)) == 1 then
    call('HINCRBY', prompt_key(id), 'cp', -1)
    call('HINCRBY', prompt_key(id), counter, 1)
    if failure ~= '' then call('HSET', prompt_key(id), 'cl', failure) end
  end
  local known = call('HMGET', key, 'l', 'e')
  if not known[1] then return end
  if tonumber(known[1]) <= tonumber(number) then
    call('DEL', key)
    call('ZREM', endpoint_key(known[2]), id)
  else
    call('HDEL', key, number, 't', 'k')
    call('HSET', key, 'h', tonumber(number) + 1)
    call('ZADD', endpoint_key(known[2]), digits(time_ms()), id)
  end
  note_endpoint_due(known[2])
end

-- Appends to the channel's event log. Every entry names the one before it, so that a reader can tell a gap from
-- silence, and ids go on rising after the log was dropped because the channel remembers the last one.
local function append_event(channel, kind, prompt_id, data, max_length)
  local last = call('HGET', channel_key(channel), 'e') or '0-0'
  local dash = string.find(last, '-', 1, true)
  local last_ms = tonumber(string.sub(last, 1, dash - 1))
  local ms = time_ms()
  local id
  if ms > last_ms then
    id = digits(ms) .. '-0'
  else
    id = digits(last_ms) .. '-' .. digits(tonumber(string.sub(last, dash + 1)) + 1)
  end
  call('XADD', events_key(channel), 'MAXLEN', '~', max_length, id, 'p', last, 't', kind, 'i', prompt_id, 'd', data)
  call('HSET', channel_key(channel), 'e', id)
  note_callbacks(channel, kind, prompt_id, data)
  return { id, last, kind, prompt_id, data }
end

local function publish_events(channel, entries)
  call('PUBLISH', P .. 'ev:' .. channel, cjson.encode(entries))
end

-- A channel that nobody needs: its queue goes (the journal keeps the results), its log gets ten minutes more.
local function forget_queue(channel)
  local queue = queue_key(channel, '')
  for _, set in ipairs({ 'completed', 'failed' }) do
    for _, id in ipairs(call('ZRANGE', queue .. set, 0, -1)) do
      call('UNLINK', queue .. id, queue .. id .. ':lock', queue .. id .. ':logs')
    end
  end
  call('UNLINK', queue .. 'wait', queue .. 'active', queue .. 'completed', queue .. 'failed', queue .. 'meta',
    queue .. 'id', queue .. 'events', queue .. 'marker', queue .. 'stalled', queue .. 'stalled-check',
    queue .. 'delayed', queue .. 'prioritized', queue .. 'pc', queue .. 'paused', queue .. 'limiter')
  call('PEXPIRE', events_key(channel), 600000)
end

-- Nothing is kept of the channel but its prompts, until their retention ends.
local function forget_channel(channel)
  call('DEL', channel_key(channel), intent_key(channel), ahead_key(channel), grants_key(channel))
  call('ZREM', P .. 'channels', channel)
  call('ZREM', P .. 'parked', channel)
  call('ZREM', P .. 'assign', channel)
end

-- A wish that a session be open by a due time, `<kept until ms> <due ms> <schedule or prompt>`: kept until then, should
-- the session be lost. Of several the last one counts.
local function wish_ahead(channel, wish, due)
  call('HSET', intent_key(channel), 'warm', wish)
  local key = ahead_key(channel)
  local known = call('HGET', key, 'w')
  if known and tonumber(string.match(known, ' (%d+) ')) > tonumber(due) then return end
  local left = tonumber(due) - time_ms()
  if left <= 0 then return end
  if known ~= wish then call('DEL', key) end
  call('HSET', key, 'w', wish)
  call('PEXPIRE', key, digits(left))
end

-- Openings of one due time beyond the first, where its session was lost before its time.
local MOST_REOPENED = 2

-- The session that a due time waits for is gone with its owner: the next one opens it again.
local function wish_again(channel)
  local known = call('HMGET', ahead_key(channel), 'w', 'n')
  local reopened = tonumber(known[2] or '0')
  if not known[1] or reopened >= MOST_REOPENED or call('HEXISTS', intent_key(channel), 'warm') == 1 then return end
  local due, id = string.match(known[1], '^%d+ (%d+) (.+)$')
  local schedule = call('HMGET', schedule_key(id), 'st', 'n')
  if schedule[1] == 'active' and schedule[2] == due then
    call('HSET', schedule_key(id), 'ws', 'asked')
    call('HDEL', schedule_key(id), 'wr')
    call('HINCRBY', schedule_key(id), 'cx', 1)
  elseif call('HEXISTS', prompt_key(id), 'nb') == 0 then
    return
  end
  call('HSET', ahead_key(channel), 'n', digits(reopened + 1))
  call('HSET', intent_key(channel), 'warm', known[1])
end

-- Gives a channel up: to whoever is free where something is left to do, else to rest.
local function let_go(channel, worker)
  call('DEL', lease_key(channel))
  call('SREM', owned_key(worker), channel)
  call('SREM', wake_key(worker), channel)
  call('HDEL', live_key(worker), channel)
  wish_again(channel)
  if has_work(channel) then
    assign(channel)
    return 'assigned'
  end
  call('ZREM', P .. 'assign', channel)
  -- A blocked channel goes cold with its prompts still in the queue.
  if not has_jobs(channel) then forget_queue(channel) end
  return 'cold'
end

-- Drops index entries whose prompt is past retention, oldest first; at most `count` a call.
local function trim_index(key, count)
  local dropped = 0
  for _, id in ipairs(call('ZRANGE', key, 0, count - 1)) do
    if call('EXISTS', prompt_key(id)) == 1 then break end
    call('ZREM', key, id)
    dropped = dropped + 1
  end
  return dropped
end

-- Rows of a schedule's ledger that are kept.
local MOST_ROWS = 1000

-- One row per due time: false where it has one.
local function add_row(id, due, row)
  if call('HSETNX', rows_key(id), due, cjson.encode(row)) == 0 then return false end
  call('ZADD', row_order_key(id), due, due)
  local surplus = call('ZCARD', row_order_key(id)) - MOST_ROWS
  if surplus > 0 then
    for _, oldest in ipairs(call('ZRANGE', row_order_key(id), 0, surplus - 1)) do
      call('HDEL', rows_key(id), oldest)
    end
    call('ZREMRANGEBYRANK', row_order_key(id), 0, surplus - 1)
  end
  return true
end

local function change_row(id, due, change)
  local json = call('HGET', rows_key(id), due)
  if not json then return end
  local row = cjson.decode(json)
  change(row)
  call('HSET', rows_key(id), due, cjson.encode(row))
end

-- What a prompt belongs to: its field `sd` is '<due ms> <schedule>'.
local function due_and_schedule(scheduled) return string.match(scheduled, '^(%d+) (.+)$') end

-- A session was opened ahead for a due time that does not need it.
local function note_wasted(id, due)
  local ahead = call('HMGET', schedule_key(id), 'wt', 'ws')
  if ahead[1] == due and ahead[2] ~= 'failed' then call('HINCRBY', schedule_key(id), 'cw', 1) end
end

-- A schedule's prompt goes to its agent for the first time.
local function note_scheduled_start(scheduled, opened, now_ms)
  local due, id = due_and_schedule(scheduled)
  change_row(id, due, function(row)
    row.startMs = now_ms - tonumber(due)
    row.opened = opened
  end)
  if call('EXISTS', schedule_key(id)) == 0 then return end
  local ahead = call('HMGET', schedule_key(id), 'wt', 'ws', 'wr')
  if ahead[1] ~= due or ahead[2] == 'failed' then return end
  -- Where nobody says when it was ready its owner was busy with other prompts: it was open, or is opened for this one.
  local in_time = opened == 'warm'
  if ahead[2] == 'ready' then in_time = tonumber(ahead[3]) <= tonumber(due) end
  call('HINCRBY', schedule_key(id), in_time and 'ch' or 'cl', 1)
end

-- A schedule's prompt is over. So many failures in a row, and the schedule pauses.
local function note_scheduled_end(scheduled, prompt_id, state)
  local _, id = due_and_schedule(scheduled)
  local key = schedule_key(id)
  call('SREM', scheduled_open_key(id), prompt_id)
  if call('EXISTS', key) == 0 then return end
  if state == 'completed' then
    call('HSET', key, 'f', '0')
  elseif state == 'failed' or state == 'interrupted' then
    local failures = call('HINCRBY', key, 'f', 1)
    local known = call('HMGET', key, 'fl', 'st')
    if known[1] and failures >= tonumber(known[1]) and known[2] == 'active' then
      call('HSET', key, 'st', 'paused', 'pr', failures .. ' of its prompts failed in a row')
    end
  end
end

-- Agents' last opening times are kept (ms), for those who want to open just in time.
local function note_open_time(agent, open_ms)
  call('LPUSH', P .. 'opening:' .. agent, open_ms)
  call('LTRIM', P .. 'opening:' .. agent, 0, 19)
end

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

-- Writes a prompt's final state. `before` is the state it is in. Returns the others of its turn (JSON) where there are any.
local function settle_prompt(channel, id, before, state, result, text, retention_ms, most_events)
  close_questions(channel, id, call('SMEMBERS', questions_of_key(id)), 'cancelled', most_events)
  call('DEL', questions_of_key(id))
  local now = digits(time_ms())
  local record = call('HMGET', prompt_key(id), 'an', 'sd', 'nb', 'ms')
  local attempts = record[1]
  if record[3] then stop_waiting(channel, id) end
  if record[2] then note_scheduled_end(record[2], id, state) end
  call('HSET', prompt_key(id), 'fi', now, 're', result)
  if text ~= '' then call('HSET', prompt_key(id), 'tx', text) end
  if attempts then
    call('HSETNX', prompt_key(id), 'ao' .. attempts, '{"endedAt":' .. now .. ',"outcome":"' .. state .. '"}')
  end
  set_state(id, before, state)
  call('HDEL', prompt_key(id), 'wf', 'wr', 'ws', 'rx', 'rw')
  call('HSET', channel_key(channel), 'lo', state .. ' ' .. id)
  if state == 'completed' then call('HDEL', channel_key(channel), 'x') end
  call('PEXPIRE', prompt_key(id), retention_ms)
  call('PEXPIRE', channel_prompts_key(channel), retention_ms)
  trim_index(state_key(state), 4)
  trim_index(channel_prompts_key(channel), 4)
  return record[4]
end

-- An event's data with another prompt's id in the place of the one that it names.
local function event_for(data, id, other)
  local from, to = string.find(data, '"promptId":"' .. id .. '"', 1, true)
  if not from or id == other then return data end
  return string.sub(data, 1, from - 1) .. '"promptId":"' .. other .. '"' .. string.sub(data, to + 1)
end

-- Ends a turn: its prompt and all that are part of it have the same end. Returns their events.
local function settle_turn(channel, id, before, state, result, text, data, most_events, retention_ms)
  local members = settle_prompt(channel, id, before, state, result, text, retention_ms, most_events)
  local entries = { append_event(channel, state, id, data, most_events) }
  if state == 'cancelled' then
    local by = call('HGET', prompt_key(id), 'ib')
    if by and call('EXISTS', prompt_key(by)) == 1 then call('HSET', prompt_key(by), 'dl', 'interrupted') end
  end
  for _, member in ipairs(members and cjson.decode(members) or {}) do
    local record = call('HMGET', prompt_key(member), 'st', 'mt')
    if record[1] == 'running' and record[2] == id then
      settle_prompt(channel, member, 'running', state, result, '', retention_ms, most_events)
      entries[#entries + 1] = append_event(channel, state, member, event_for(data, id, member), most_events)
    end
  end
  return entries
end

-- The jobs that wait in the channel's queue, the next one first; at most `count`.
local function next_jobs(channel, count)
  local ids = call('LRANGE', queue_key(channel, 'wait'), -count, -1)
  local ordered = {}
  for i = #ids, 1, -1 do ordered[#ordered + 1] = ids[i] end
  return ordered
end

-- From now on the prompt is next, and the channel's running turn is cancelled for it. What is held until somebody decides,
-- or until a limit ends, does not run.
local function interrupt(channel, by, most_events, retention_ms)
  call('HSET', prompt_key(by), 'fr', '1')
  call('HSET', channel_key(channel), 'ij', by)
  -- Where its worker died the job of a turn may have been returned already.
  local jobs = call('LRANGE', queue_key(channel, 'active'), 0, -1)
  jobs[#jobs + 1] = next_jobs(channel, 1)[1]
  for _, job in ipairs(jobs) do
    local id = call('HGET', prompt_key(job), 'mt') or job
    local record = call('HMGET', prompt_key(id), 'st', 'wf', 'an')
    if runs(record[1], record[2]) then
      call('HSETNX', prompt_key(id), 'ib', by)
      call('HSET', intent_key(channel), 'cancel', id)
    elseif record[1] == 'accepted' and record[3] then
      -- Between two attempts.
      call('HSETNX', prompt_key(id), 'ib', by)
      publish_events(channel, settle_turn(channel, id, 'accepted', 'cancelled', '{"stopReason":"cancelled"}', '',
        '{"promptId":"' .. id .. '","state":"cancelled","stopReason":"cancelled"}', most_events, retention_ms))
    end
  end
end

-- What a prompt that joins its queue wishes of the turn that may run.
local function meet_turn(channel, id, mode, most_events, retention_ms)
  if mode == 'interrupt' then
    interrupt(channel, id, most_events, retention_ms)
  elseif mode == 'steer' and has_jobs(channel) then
    call('HSET', intent_key(channel), 'steer', id)
  end
end

-- A prompt has become part of a turn that its agent knows of.
local function note_joined(id, joined, event_id)
  call('HSET', prompt_key(id), 'dl', joined.delivery, 'je', event_id)
  if joined.textFrom then call('HSET', prompt_key(id), 'tf', joined.textFrom) end
end

-- A prompt that was to be taken into the running turn cannot be. Counted once. The turn is cancelled where the channel
-- wants that: `ib` on its record says so.
local function fall_back(channel, turn, id)
  count('steerFallbacks')
  call('HSET', prompt_key(id), 'dl', 'queued')
  if call('HGET', channel_key(channel), 'sf') ~= 'interrupt' then return end
  call('HSETNX', prompt_key(turn), 'ib', id)
  call('HSET', prompt_key(id), 'fr', '1')
  call('HSET', channel_key(channel), 'ij', id)
end
