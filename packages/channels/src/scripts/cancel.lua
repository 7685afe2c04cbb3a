-- A person's wish that a prompt be cancelled. One that runs is left to its owner; one that is part of another's
-- turn means that turn.
-- ARGV: id, result of a cancelled prompt (JSON), its event's data (JSON), most events, retention ms
-- Returns {'missing'}, {'final', state}, {'requested'} or {'cancelled'}.
-- Uses: keys, states, work, events, turns
local id = ARGV[1]
local record = call('HMGET', prompt_key(id), 'c', 'st', 'nb', 'wf', 'mt')
if record[2] == 'running' and record[5] then
  id = record[5]
  record = call('HMGET', prompt_key(id), 'c', 'st', 'nb', 'wf')
end
local channel, state = record[1], record[2]
if not state then return { 'missing' } end
if runs(state, record[4]) then
  call('HSET', intent_key(channel), 'cancel', id)
  wake(channel, 'i')
  return { 'requested' }
end
if state ~= 'accepted' and state ~= 'waiting' then return { 'final', state } end
publish_events(channel, settle_turn(channel, id, state, 'cancelled', ARGV[2], '', event_for(ARGV[3], ARGV[1], id), ARGV[4],
  ARGV[5]))
local block_json = call('HGET', channel_key(channel), 'b')
if block_json and cjson.decode(block_json).promptId == id then unblock(channel) end
-- Its job is still in the queue: whoever fetches it finds it final. One that waits for its time has none there yet.
if not record[3] then wake(channel, 'p') end
return { 'cancelled' }
