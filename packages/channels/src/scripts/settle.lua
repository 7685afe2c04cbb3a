-- Writes the final state of a turn, to its prompt and to all that are part of it, once; before BullMQ's completion.
-- ARGV: channel, worker, fence, id, state, result (JSON, the record's `re`), text, event data (JSON), live view (JSON
--       or ''), most events, retention ms
-- Returns 'stale', 'missing', 'already' or 'ok'.
-- Uses: keys, work, events, turns
local channel, worker, fence, id, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if not holds(channel, worker, fence) then return 'stale' end
local before = call('HGET', prompt_key(id), 'st')
if not before then return 'missing' end
if before ~= 'accepted' and before ~= 'running' and before ~= 'waiting' then return 'already' end
local entries = settle_turn(channel, id, before, state, ARGV[6], ARGV[7], ARGV[8], ARGV[10], ARGV[11])
if ARGV[9] ~= '' then call('HSET', live_key(worker), channel, ARGV[9]) end
publish_events(channel, entries)
return 'ok'
