-- A permission that no person was asked about is allowed: written before the reply goes to the agent.
-- ARGV: channel, worker, fence, prompt id, what is allowed (JSON), id of the grant that allows it or ''
-- Returns 'stale', 'revoked' (that grant is no more) or 'ok'.
-- Uses: keys, clock, work
if not holds(ARGV[1], ARGV[2], ARGV[3]) then return 'stale' end
if ARGV[6] ~= '' then
  local grant = call('HGET', grants_key(ARGV[1]), ARGV[6])
  if not grant or tonumber(string.match(grant, '"expiresAt":(%d+)')) <= time_ms() then return 'revoked' end
end
local number = call('HINCRBY', prompt_key(ARGV[4]), 'gn', 1)
call('HSET', prompt_key(ARGV[4]), 'g' .. number, ARGV[5])
return 'ok'
