-- Gives the lease back. ARGV: channel, worker, fence, the channel's sessions (JSON) where they are others now or '',
--       '1' where the channel is to be forgotten, id of a prompt whose turn is handed over to the next owner or ''
-- Returns 'stale', 'assigned' (something is left to do) or 'cold'.
-- Uses: keys, work, cold, sessions
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
if ARGV[4] ~= '' then keep_sessions(ARGV[1], ARGV[4]) end
if ARGV[6] ~= '' then call('HSET', prompt_key(ARGV[6]), 'ho', '1') end
local left = let_go(ARGV[1], ARGV[2])
if left == 'cold' and ARGV[5] == '1' and not has_prompts(ARGV[1]) then forget_channel(ARGV[1]) end
return left
