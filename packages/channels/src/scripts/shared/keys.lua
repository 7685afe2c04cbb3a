-- The names of all keys; keys.ts says what they hold. KEYS[1] is the prefix with its constant hash tag ("{pl}:"): all keys are
-- built from it, so that every script also runs on one slot of a Redis Cluster.

local P = KEYS[1]
local call = redis.call

local function lease_key(channel) return P .. 'lease:' .. channel end
local function channel_key(channel) return P .. 'c:' .. channel end
local function intent_key(channel) return P .. 'intent:' .. channel end
local function events_key(channel) return P .. 'ev:' .. channel end
local function ahead_key(channel) return P .. 'ahead:' .. channel end
local function later_key(channel) return P .. 'later:' .. channel end
local function channel_prompts_key(channel) return P .. 'cp:' .. channel end
local function worker_key(worker) return P .. 'worker:' .. worker end
local function owned_key(worker) return P .. 'owned:' .. worker end
local function wake_key(worker) return P .. 'wake:' .. worker end
local function live_key(worker) return P .. 'live:' .. worker end
local function prompt_key(id) return P .. 'p:' .. id end
local function state_key(state) return P .. 'ix:' .. state end
local function schedule_key(id) return P .. 'sch:' .. id end
local function rows_key(id) return P .. 'schrows:' .. id end
local function row_order_key(id) return P .. 'schorder:' .. id end
local function due_told_key(id) return P .. 'duetold:' .. id end
local function scheduled_open_key(id) return P .. 'schopen:' .. id end
local function question_key(id) return P .. 'question:' .. id end
local function questions_of_key(prompt_id) return P .. 'questionsof:' .. prompt_id end
local function grants_key(channel) return P .. 'grants:' .. channel end
local function callbacks_key(id) return P .. 'cb:' .. id end
local function endpoint_key(endpoint) return P .. 'cbe:' .. endpoint end

-- BullMQ's keys of the channel's queue; the encoding of queue-name.ts.
local function queue_key(channel, suffix)
  local name = string.gsub(channel, '[^%w_.-]', function(c) return string.format('~%02X', string.byte(c)) end)
  return P .. 'q:' .. name .. ':' .. suffix
end
