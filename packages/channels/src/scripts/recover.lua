-- What follows on an interrupted attempt: it goes back to be dispatched again, or waits for a person.
-- ARGV: channel, worker, fence, id, fence of the interrupted dispatch, 'retry' | 'continue' | 'rerun' | 'ask', reason,
--       most events
-- Returns 'stale', 'gone' (it is not running under that fence any more) or 'ok'.
local channel, worker, fence, id, action = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
if not holds(channel, worker, fence) then return 'stale' end
local record = call('HMGET', prompt_key(id), 'st', 'df', 'an', 'rx', 'wf')
-- The same call once more, where its first answer was lost.
if record[1] == 'accepted' and record[4] == action then return 'ok' end
if record[1] == 'waiting' and record[5] == 'decision' and action == 'ask' then return 'ok' end
if record[1] ~= 'running' or record[2] ~= ARGV[5] then return 'gone' end
local now = digits(time_ms())
call('HSET', prompt_key(id), 'ao' .. record[3], '{"endedAt":' .. now .. ',"outcome":"interrupted"}')
if action ~= 'ask' then
  call('HSET', prompt_key(id), 'rx', action)
  call('HINCRBY', prompt_key(id), 'rc', 1)
  set_state(id, 'running', 'accepted')
  return 'ok'
end
call('HSET', prompt_key(id), 'wf', 'decision', 'wr', ARGV[7])
set_state(id, 'running', 'waiting')
call('HSET', channel_key(channel), 'b', '{"reason":"decision","promptId":"' .. id .. '","since":' .. now .. '}')
publish_events(channel, { append_event(channel, 'waiting', id,
  '{"promptId":"' .. id .. '","waitingFor":"decision","reason":' .. cjson.encode(ARGV[7]) .. '}', ARGV[8]) })
return 'ok'
