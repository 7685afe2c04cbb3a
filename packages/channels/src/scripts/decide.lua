-- A person's word about an interrupted prompt; the first one counts, and its channel goes on.
-- ARGV: id, 'continue' | 'rerun' | 'abandon', id of the API key, result of an abandoned prompt (JSON), its event's data
--       (JSON), most events, retention ms
-- Returns {'missing'}, {'not-waiting', state}, {'same', decision (JSON)}, {'other', decision (JSON)} or
--         {'ok', decision (JSON)}.
-- Uses: keys, clock, states, work, events, turns
local id, decision = ARGV[1], ARGV[2]
local record = call('HMGET', prompt_key(id), 'c', 'st', 'wf', 'de')
local channel, state = record[1], record[2]
if not state then return { 'missing' } end
if state ~= 'waiting' or record[3] ~= 'decision' then
  if not record[4] then return { 'not-waiting', state } end
  return { cjson.decode(record[4]).decision == decision and 'same' or 'other', record[4] }
end
local taken = '{"decision":"' .. decision .. '","at":' .. digits(time_ms()) .. ',"by":' .. cjson.encode(ARGV[3]) .. '}'
call('HSET', prompt_key(id), 'de', taken)
call('HDEL', prompt_key(id), 'wf', 'wr')
call('HDEL', channel_key(channel), 'b')
if decision == 'abandon' then
  publish_events(channel, settle_turn(channel, id, 'waiting', 'interrupted', ARGV[4], '', ARGV[5], ARGV[6], ARGV[7]))
else
  call('HSET', prompt_key(id), 'rx', decision)
  set_state(id, 'waiting', 'accepted')
end
wake(channel, 'p', id)
return { 'ok', taken }
