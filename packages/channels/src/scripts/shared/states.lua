-- Where a prompt stands.
-- Uses: keys

-- A turn whose agent waits for a person's answer runs all the same: its process lives.
local function asks(state, waiting_for)
  return state == 'waiting' and (waiting_for == 'permission' or waiting_for == 'elicitation')
end

local function runs(state, waiting_for) return state == 'running' or asks(state, waiting_for) end

-- Moves a prompt from the index of one state to that of another.
local function set_state(id, before, after)
  if before == after then return end
  call('HSET', prompt_key(id), 'st', after)
  call('ZADD', state_key(after), call('HGET', prompt_key(id), 'q'), id)
  call('ZREM', state_key(before), id)
end

-- A prompt does not wait for its time any more.
local function stop_waiting(channel, id)
  call('HDEL', prompt_key(id), 'nb', 'wf')
  call('SREM', later_key(channel), id)
end
