-- The next turn begins a new conversation. ARGV: channel, worker, fence
-- Returns 'stale' or 'ok'.
-- Uses: keys, work, sessions
local channel = ARGV[1]
if not holds(channel, ARGV[2], ARGV[3]) then return 'stale' end
keep_sessions(channel, '')
call('HDEL', channel_key(channel), 'x')
-- What was accepted up to now is told to nobody.
call('HSET', channel_key(channel), 'fg', call('GET', P .. 'seq') or '0')
local block_json = call('HGET', channel_key(channel), 'b')
if block_json and cjson.decode(block_json).reason ~= 'decision' then unblock(channel) end
return 'ok'
