-- First command of the enqueue MULTI: journal and wake. BullMQ's add follows in the same transaction: to the channel's
-- queue, or to the timers where the prompt is to wait for its time.
-- ARGV: channel, id, prompt, surface, metadata (JSON or ''), body hash, most jobs of the channel, most of all,
--       most events, retention ms, interruption policy or '', '1' where it may be sent twice, permissions
--       of its own or '', '<due ms> <schedule>' that it belongs to or '',
--       when it joins the channel's queue (ms) or '' for now, callback URL or '', its endpoint, mode or '' for the channel's
-- Returns {'accepted', seq, position, event id, event id before}, {'duplicate', position}, {'reused'},
--         {'channel-full', depth}, {'store-full', depth} or {'not-due'} where its schedule's ledger does not name it.
-- Uses: keys, clock, work, events, occurrences, turns
local channel, id, prompt, surface, metadata, body_hash = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local most_here, most_total = tonumber(ARGV[7]), tonumber(ARGV[8])

-- A transaction cannot be left half way: a job key that exists already makes BullMQ's add that follows a no-op.
-- The channel is woken, so that whatever the add still touched is tidied by an owner.
local function refuse(answer)
  local job = queue_key(channel, id)
  if call('EXISTS', job) == 0 then
    call('HSET', job, 'refused', '1')
    call('PEXPIRE', job, 1000)
  end
  wake(channel, 'p')
  return answer
end

local known = call('HMGET', prompt_key(id), 'bh', 'po')
if known[1] then
  if known[1] == body_hash then return refuse({ 'duplicate', known[2] }) end
  return refuse({ 'reused' })
end
if ARGV[14] ~= '' then
  local due, schedule = due_and_schedule(ARGV[14])
  local row = call('HGET', rows_key(schedule), due)
  if not row or cjson.decode(row).promptId ~= id then return refuse({ 'not-due' }) end
end
local depth = call('LLEN', queue_key(channel, 'wait')) + call('LLEN', queue_key(channel, 'active'))
if depth >= most_here then return refuse({ 'channel-full', depth }) end
local open = call('ZCARD', state_key('accepted'))
if open >= most_total then return refuse({ 'store-full', open }) end

clear_refused(channel, id)
local seq = call('INCR', P .. 'seq')
local at = digits(time_ms())
call('HSET', prompt_key(id), 'c', channel, 'st', 'accepted', 'q', seq, 'pr', prompt, 'su', surface, 'at', at,
  'bh', body_hash)
if ARGV[11] ~= '' then call('HSET', prompt_key(id), 'oi', ARGV[11]) end
if ARGV[12] == '1' then call('HSET', prompt_key(id), 'ip', '1') end
if ARGV[13] ~= '' then call('HSET', prompt_key(id), 'pm', ARGV[13]) end
if ARGV[14] ~= '' then call('HSET', prompt_key(id), 'sd', ARGV[14]) end
if ARGV[16] ~= '' then call('HSET', prompt_key(id), 'cb', ARGV[16], 'ce', ARGV[17]) end
local mode = ARGV[18] ~= '' and ARGV[18] or call('HGET', channel_key(channel), 'mo') or 'queue'
if mode ~= 'queue' then call('HSET', prompt_key(id), 'mo', mode) end
if metadata ~= '' then call('HSET', prompt_key(id), 'me', metadata) end
call('ZADD', state_key('accepted'), seq, id)
call('ZADD', channel_prompts_key(channel), seq, id)
call('PEXPIRE', channel_prompts_key(channel), ARGV[10])
call('ZADD', P .. 'channels', at, channel)
call('PERSIST', events_key(channel))
local position = depth + 1
local event = append_event(channel, 'accepted', id,
  '{"promptId":"' .. id .. '","channel":' .. cjson.encode(channel) .. ',"seq":' .. seq .. ',"position":' .. position ..
  ',"acceptedAt":' .. at .. '}', ARGV[9])
call('HSET', prompt_key(id), 'ev', event[2], 'po', position)
publish_events(channel, { event })
if ARGV[15] == '' then
  if mode ~= 'queue' then meet_turn(channel, id, mode, ARGV[9], ARGV[10]) end
  wake(channel, 'p', id)
else
  call('HSET', prompt_key(id), 'nb', ARGV[15], 'wf', 'time')
  call('SADD', later_key(channel), id)
end
return { 'accepted', seq, position, event[1], event[2] }
