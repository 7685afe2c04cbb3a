-- The event log of a channel.
-- Uses: keys, clock, callbacks

-- Appends to the channel's event log. Every entry names the one before it, so that a reader can tell a gap from
-- silence, and ids go on rising after the log was dropped because the channel remembers the last one.
local function append_event(channel, kind, prompt_id, data, max_length)
  local last = call('HGET', channel_key(channel), 'e') or '0-0'
  local dash = string.find(last, '-', 1, true)
  local last_ms = tonumber(string.sub(last, 1, dash - 1))
  local ms = time_ms()
  local id
  if ms > last_ms then
    id = digits(ms) .. '-0'
  else
    id = digits(last_ms) .. '-' .. digits(tonumber(string.sub(last, dash + 1)) + 1)
  end
  call('XADD', events_key(channel), 'MAXLEN', '~', max_length, id, 'p', last, 't', kind, 'i', prompt_id, 'd', data)
  call('HSET', channel_key(channel), 'e', id)
  note_callbacks(channel, kind, prompt_id, data)
  return { id, last, kind, prompt_id, data }
end

local function publish_events(channel, entries)
  call('PUBLISH', P .. 'ev:' .. channel, cjson.encode(entries))
end

-- An event's data with another prompt's id in the place of the one that it names.
local function event_for(data, id, other)
  local from, to = string.find(data, '"promptId":"' .. id .. '"', 1, true)
  if not from or id == other then return data end
  return string.sub(data, 1, from - 1) .. '"promptId":"' .. other .. '"' .. string.sub(data, to + 1)
end
