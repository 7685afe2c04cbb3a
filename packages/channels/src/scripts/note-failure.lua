-- A session could not be opened, or its agent died: too many of that in a short time, and the channel rests a while.
-- ARGV: channel, worker, fence, detail, most failures, within ms, first rest ms, longest rest ms
-- Returns {'stale'}, {'ok'} or {'degraded', until ms}.
-- Uses: keys, clock, work
local channel = ARGV[1]
if not holds(channel, ARGV[2], ARGV[3]) then return { 'stale' } end
local key = channel_key(channel)
local now = time_ms()
local known = cjson.decode(call('HGET', key, 'x') or '{"at":[],"rests":0}')
local recent = { digits(now) }
for _, at in ipairs(known.at) do
  if at > now - tonumber(ARGV[6]) and #recent < tonumber(ARGV[5]) then recent[#recent + 1] = digits(at) end
end
local rests = known.rests
local degraded = #recent >= tonumber(ARGV[5])
if degraded then rests = rests + 1 end
call('HSET', key, 'x', '{"at":[' .. (degraded and '' or table.concat(recent, ',')) .. '],"rests":' .. rests .. '}')
if not degraded then return { 'ok' } end
local rest_ms = math.min(tonumber(ARGV[7]) * 2 ^ (rests - 1), tonumber(ARGV[8]))
if not is_blocked(channel) then block(channel, 'degraded', ARGV[4], '', now + rest_ms) end
return { 'degraded', digits(now + rest_ms) }
