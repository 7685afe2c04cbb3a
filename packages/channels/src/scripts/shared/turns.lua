-- The end of turns, and prompts that meet a running one.
-- Uses: keys, clock, states, work, events, cold, occurrences, questions

-- One letter each: every channel ever used keeps one.
local OUTCOMES = { completed = 'c', failed = 'f', cancelled = 'x', interrupted = 'i' }

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
  call('HSET', channel_key(channel), 'lo', OUTCOMES[state] .. id)
  if state == 'completed' then call('HDEL', channel_key(channel), 'x') end
  call('PEXPIRE', prompt_key(id), retention_ms)
  call('PEXPIRE', channel_prompts_key(channel), retention_ms)
  trim_index(state_key(state), 4)
  trim_index(channel_prompts_key(channel), 4)
  return record[4]
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
