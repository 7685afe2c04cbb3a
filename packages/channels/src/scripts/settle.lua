-- Writes a prompt's final state, once; before BullMQ's completion.
-- ARGV: channel, worker, fence, id, state, result (JSON, the record's `re`), text, event data (JSON), live view (JSON
--       or ''), most events, retention ms
-- Returns 'stale', 'missing', 'already' or 'ok'.
local channel, worker, fence, id, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if not holds(channel, worker, fence) then return 'stale' end
local before = call('HMGET', prompt_key(id), 'st', 'q', 'an')
if not before[1] then return 'missing' end
if before[1] ~= 'accepted' and before[1] ~= 'running' and before[1] ~= 'waiting' then return 'already' end
local now = digits(time_ms())
call('HSET', prompt_key(id), 'st', state, 'fi', now, 're', ARGV[6])
if ARGV[7] ~= '' then call('HSET', prompt_key(id), 'tx', ARGV[7]) end
if before[3] then call('HSET', prompt_key(id), 'ao' .. before[3], '{"endedAt":' .. now .. ',"outcome":"' .. state .. '"}') end
call('PEXPIRE', prompt_key(id), ARGV[11])
call('PEXPIRE', channel_prompts_key(channel), ARGV[11])
call('ZREM', state_key(before[1]), id)
call('ZADD', state_key(state), before[2], id)
trim_index(state_key(state), 4)
trim_index(channel_prompts_key(channel), 4)
if ARGV[9] ~= '' then call('HSET', live_key(worker), channel, ARGV[9]) end
publish_events(channel, { append_event(channel, state, id, ARGV[8], ARGV[10]) })
return 'ok'
