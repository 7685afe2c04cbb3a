-- The outbox of what is sent to callback URLs.
-- Uses: keys, clock

-- What is sent to a prompt's callback URL: what its turn waits for, and its end.
local CALLED_BACK = { permission = 'wait', elicitation = 'wait', waiting = 'wait', completed = 'end', failed = 'end',
  cancelled = 'end', interrupted = 'end' }

local MOST_CALLBACKS, MOST_CALLBACKS_OF_PROMPT, MOST_CALLBACK_BYTES = 10000, 100, 65536

-- An hour longer than one is tried: what nobody empties goes by itself.
local CALLBACKS_KEPT_MS = 90000000

-- When an endpoint is next due: with the first of its prompts.
local function note_endpoint_due(endpoint)
  local first = call('ZRANGE', endpoint_key(endpoint), 0, 0, 'WITHSCORES')
  if first[1] then
    call('ZADD', P .. 'cbdue', first[2], endpoint)
  else
    call('ZREM', P .. 'cbdue', endpoint)
  end
end

-- Puts an event into the outbox where its prompt has a callback URL; in the script that writes the event, so that neither
-- is ever without the other. The number of a prompt's callback is what makes its id, and is not given twice.
local function note_callback(channel, kind, id, data)
  local to = call('HMGET', prompt_key(id), 'cb', 'ce', 'cg')
  if not to[1] then return end
  local now, key = digits(time_ms()), callbacks_key(id)
  local open = call('HMGET', key, 'h', 'l')
  local count = open[1] and tonumber(open[2]) - tonumber(open[1]) + 1 or 0
  -- A prompt's end finds room where its questions find none.
  local is_full = call('ZCARD', P .. 'cborder') >= MOST_CALLBACKS or
    (CALLED_BACK[kind] ~= 'end' and count >= MOST_CALLBACKS_OF_PROMPT)
  if to[3] or is_full then
    call('HINCRBY', prompt_key(id), 'cf', 1)
    if is_full then call('HSET', prompt_key(id), 'cl', '{"code":"outbox_full","at":' .. now .. '}') end
    return
  end
  if #data > MOST_CALLBACK_BYTES then data = '{"omittedBytes":' .. #data .. '}' end
  local number = call('HINCRBY', prompt_key(id), 'cn', 1)
  call('HINCRBY', prompt_key(id), 'cp', 1)
  if count == 0 then
    call('HSET', key, 'u', to[1], 'e', to[2], 'c', channel, 'h', number)
    call('ZADD', endpoint_key(to[2]), now, id)
    note_endpoint_due(to[2])
  end
  call('HSET', key, 'l', number, number, '{"type":"' .. kind .. '","at":' .. now .. ',"data":' .. data .. '}')
  call('ZADD', P .. 'cborder', now, id .. ' ' .. number)
  for _, kept in ipairs({ key, endpoint_key(to[2]), P .. 'cborder', P .. 'cbdue' }) do
    call('PEXPIRE', kept, CALLBACKS_KEPT_MS)
  end
  call('PUBLISH', P .. 'bell:callbacks', id)
end

-- Those who are part of the prompt's turn are told what it waits for, too; their ends are events of their own.
local function note_callbacks(channel, kind, id, data)
  local what = CALLED_BACK[kind]
  if not what or (kind == 'waiting' and not string.find(data, '"waitingFor":"decision"', 1, true)) then return end
  note_callback(channel, kind, id, data)
  if what == 'end' then return end
  for _, member in ipairs(cjson.decode(call('HGET', prompt_key(id), 'ms') or '[]')) do
    if call('HGET', prompt_key(member), 'mt') == id then note_callback(channel, kind, member, data) end
  end
end

-- The first of a prompt's callbacks is over; `counter` says how (`cd` delivered, `cf` failed). The next one is due at once.
local function end_callback(id, number, counter, failure)
  local key = callbacks_key(id)
  call('ZREM', P .. 'cborder', id .. ' ' .. number)
  if call('EXISTS', prompt_key(id)) == 1 then
    call('HINCRBY', prompt_key(id), 'cp', -1)
    call('HINCRBY', prompt_key(id), counter, 1)
    if failure ~= '' then call('HSET', prompt_key(id), 'cl', failure) end
  end
  local known = call('HMGET', key, 'l', 'e')
  if not known[1] then return end
  if tonumber(known[1]) <= tonumber(number) then
    call('DEL', key)
    call('ZREM', endpoint_key(known[2]), id)
  else
    call('HDEL', key, number, 't', 'k')
    call('HSET', key, 'h', tonumber(number) + 1)
    call('ZADD', endpoint_key(known[2]), digits(time_ms()), id)
  end
  note_endpoint_due(known[2])
end
