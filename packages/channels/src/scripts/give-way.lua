-- Puts prompts that are to be next at the front of the queue, the last that came first; after a dispatch that yielded.
-- ARGV: channel, worker, fence
-- Returns 'stale' or 'ok'.
-- Uses: keys, work
local channel = ARGV[1]
if not holds(channel, ARGV[2], ARGV[3]) then return 'stale' end
local wait = queue_key(channel, 'wait')
local ahead, found = {}, false
local next_one = call('HGET', channel_key(channel), 'ij')
-- The list begins with the job that came last.
for _, id in ipairs(call('LRANGE', wait, 0, -1)) do
  local record = call('HMGET', prompt_key(id), 'fr', 'st')
  if record[1] and record[2] == 'accepted' then
    ahead[#ahead + 1] = id
    found = found or id == next_one
  end
end
-- It was cancelled, or its job is gone.
if not found then call('HDEL', channel_key(channel), 'ij') end
local since = {}
for _, id in ipairs(ahead) do since[id] = tonumber(call('HGET', prompt_key(id), 'q')) end
table.sort(ahead, function(a, b) return since[a] < since[b] end)
for _, id in ipairs(ahead) do
  call('LREM', wait, 0, id)
  call('RPUSH', wait, id)
end
if found then
  call('LREM', wait, 0, next_one)
  call('RPUSH', wait, next_one)
end
return 'ok'
