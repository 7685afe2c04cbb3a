-- A prompt's time has come: it joins its channel's queue. BullMQ's add follows in the same transaction.
-- ARGV: id, most events, retention ms. Returns 'joined', or 'needless' where it does not wait for its time (any more).
-- Uses: keys, clock, states, work, turns
local id = ARGV[1]
local record = call('HMGET', prompt_key(id), 'c', 'st', 'nb', 'mo')
if record[2] ~= 'accepted' or not record[3] then return 'needless' end
stop_waiting(record[1], id)
clear_refused(record[1], id)
if record[4] then
  call('HSET', prompt_key(id), 'jt', digits(time_ms()))
  meet_turn(record[1], id, record[4], ARGV[2], ARGV[3])
end
wake(record[1], 'p', id)
return 'joined'
