-- The agent of the running turn takes nothing into it: prompts that wish for that do what their channel says instead.
-- ARGV: channel, worker, fence, id of the turn's prompt
-- Returns 'stale', 'ok', or 'interrupt' where the turn is to be cancelled for a prompt.
-- Uses: keys, work, turns
local channel, turn = ARGV[1], ARGV[4]
if not holds(channel, ARGV[2], ARGV[3]) then return 'stale' end
for _, id in ipairs(next_jobs(channel, 1000)) do
  local record = call('HMGET', prompt_key(id), 'st', 'mo', 'dl')
  if record[1] == 'accepted' and record[2] == 'steer' and not record[3] then fall_back(channel, turn, id) end
end
return call('HEXISTS', prompt_key(turn), 'ib') == 1 and 'interrupt' or 'ok'
