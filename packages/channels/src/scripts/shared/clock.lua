-- Time as all machines share it, and numbers.
-- Uses: keys

-- Redis time: the only clock that all machines share.
local function time_us()
  local t = call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

local function time_ms() return math.floor(time_us() / 1000) end

-- The life of the server that answers: another one after a restart or a failover; '' where it does not say.
local function run_id() return string.match(call('INFO', 'server'), 'run_id:(%w+)') or '' end

-- Plain concatenation prints large numbers with lost digits.
local function digits(number) return string.format('%.0f', number) end

-- How often something was done that nobody hopes for.
local function count(what) call('HINCRBY', P .. 'counts', what, 1) end
