-- A permission that was granted: written before the reply goes to the agent.
-- ARGV: channel, worker, fence, prompt id, grant (JSON)
-- Returns 'stale' or 'ok'.
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
local number = call('HINCRBY', prompt_key(ARGV[4]), 'gn', 1)
call('HSET', prompt_key(ARGV[4]), 'g' .. number, ARGV[5])
return 'ok'
