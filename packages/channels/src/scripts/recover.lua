-- What follows on an interrupted attempt: it goes back to be dispatched again, or waits, for a person or for a limit's end.
-- ARGV: channel, worker, fence, id, fence of the interrupted dispatch, 'retry' | 'continue' | 'rerun' | 'ask' | 'park' |
--       'move', reason, most events, until ms (park), how it is dispatched afterwards (park, move)
-- Returns 'stale', 'gone' (it is not running under that fence any more) or 'ok'.
-- Uses: keys, clock, states, work, events, questions
local channel, worker, fence, id, action = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
if not holds(channel, worker, fence) then return 'stale' end
local record = call('HMGET', prompt_key(id), 'st', 'df', 'an', 'rx', 'wf', 'ho')
local state = record[1]
-- The same call once more, where its first answer was lost.
if state == 'accepted' and (record[4] == action or (action == 'move' and record[4] == ARGV[10])) then return 'ok' end
if state == 'waiting' and record[5] == (action == 'park' and 'quota' or 'decision') then return 'ok' end
-- A prompt may be parked before it was ever dispatched.
local unsent = state == 'accepted' and action == 'park'
local was_asking = asks(state, record[5])
if not unsent and (not runs(state, record[5]) or record[2] ~= ARGV[5]) then return 'gone' end
local now = digits(time_ms())
if not unsent then
  call('HSET', prompt_key(id), 'ao' .. record[3], '{"endedAt":' .. now .. ',"outcome":"' ..
    ((action == 'park' or action == 'move') and 'limited' or 'interrupted') .. '"}')
end

-- Whoever asked is gone; what was answered meanwhile waits for the same question.
close_questions(channel, id, call('SMEMBERS', questions_of_key(id)), 'superseded', ARGV[8])
call('HDEL', prompt_key(id), 'wf', 'wr', 'ws', 'rw', 'ho')
if was_asking then call('HSET', prompt_key(id), 'rw', record[5]) end

local function wait_for(what, until_ms)
  call('HSET', prompt_key(id), 'wf', what, 'wr', ARGV[7])
  set_state(id, state, 'waiting')
  block(channel, what, ARGV[7], id, until_ms)
  publish_events(channel, { append_event(channel, 'waiting', id, '{"promptId":"' .. id .. '","waitingFor":"' .. what ..
    '","reason":' .. cjson.encode(ARGV[7]) .. (until_ms and (',"until":' .. digits(until_ms)) or '') .. '}', ARGV[8]) })
end

if action == 'ask' then
  wait_for('decision')
elseif action == 'park' then
  if not unsent then call('HSET', prompt_key(id), 'rx', ARGV[10]) end
  wait_for('quota', tonumber(ARGV[9]))
else
  -- A limit is no interruption, nor is a hand-over that was meant: they do not count towards the recoveries after which a
  -- person is asked.
  if action ~= 'move' and not record[6] then call('HINCRBY', prompt_key(id), 'rc', 1) end
  call('HSET', prompt_key(id), 'rx', action == 'move' and ARGV[10] or action)
  set_state(id, state, 'accepted')
end
return 'ok'
