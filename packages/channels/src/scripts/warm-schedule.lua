-- Has the session of a schedule's channel opened ahead of a due time, once; again only where that failed.
-- ARGV: id, due ms, channel, until when it is kept (ms)
-- Returns 'asked' or 'needless'.
-- Uses: keys, work, ahead
local id, due, channel = ARGV[1], ARGV[2], ARGV[3]
local key = schedule_key(id)
local known = call('HMGET', key, 'st', 'n', 'wt', 'ws')
if known[1] ~= 'active' or known[2] ~= due then return 'needless' end
if known[3] == due and known[4] ~= 'failed' then return 'needless' end
call('HSET', key, 'wt', due, 'ws', 'asked')
call('HDEL', key, 'wr')
wish_ahead(channel, ARGV[4] .. ' ' .. due .. ' ' .. id, due)
wake(channel, 'i')
return 'asked'
