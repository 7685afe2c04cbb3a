-- Part of the sweep: drops what is past retention from the indexes by state. ARGV: most entries per index and call
-- Returns how many were dropped.
local dropped = 0
for _, state in ipairs({ 'completed', 'failed', 'cancelled', 'interrupted' }) do
  dropped = dropped + trim_index(state_key(state), tonumber(ARGV[1]))
end
return dropped
