-- A fenced batch of a turn's events. Batches are numbered within a lease: one that was sent twice counts once.
-- ARGV: channel, worker, fence, batch number, most events, then (kind, prompt id, data) repeated
-- Returns 'stale' or 'ok'.
-- Uses: keys, work, events, turns
local channel, worker, fence, batch = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if not holds(channel, worker, fence) then return 'stale' end
if tonumber(call('HGET', lease_key(channel), 'n') or '0') >= batch then return 'ok' end
call('HSET', lease_key(channel), 'n', batch)
local entries = {}
for i = 6, #ARGV, 3 do
  entries[#entries + 1] = append_event(channel, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[5])
  if ARGV[i] == 'started' then note_joined(ARGV[i + 1], cjson.decode(ARGV[i + 2]), entries[#entries][1]) end
  if ARGV[i] == 'plan' then call('HSET', prompt_key(ARGV[i + 1]), 'pl', ARGV[i + 2]) end
end
publish_events(channel, entries)
return 'ok'
