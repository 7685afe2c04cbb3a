-- What goes when a channel is not needed any more.
-- Uses: keys, clock, work, ahead

-- A channel that nobody needs: its queue goes (the journal keeps the results), its log gets ten minutes more.
local function forget_queue(channel)
  local queue = queue_key(channel, '')
  for _, set in ipairs({ 'completed', 'failed' }) do
    for _, id in ipairs(call('ZRANGE', queue .. set, 0, -1)) do
      call('UNLINK', queue .. id, queue .. id .. ':lock', queue .. id .. ':logs')
    end
  end
  call('UNLINK', queue .. 'wait', queue .. 'active', queue .. 'completed', queue .. 'failed', queue .. 'meta',
    queue .. 'id', queue .. 'events', queue .. 'marker', queue .. 'stalled', queue .. 'stalled-check',
    queue .. 'delayed', queue .. 'prioritized', queue .. 'pc', queue .. 'paused', queue .. 'limiter')
  call('PEXPIRE', events_key(channel), 600000)
end

-- Nothing is kept of the channel but its prompts, until their retention ends.
local function forget_channel(channel)
  call('DEL', channel_key(channel), intent_key(channel), ahead_key(channel), grants_key(channel))
  call('ZREM', P .. 'channels', channel)
  call('ZREM', P .. 'parked', channel)
  call('ZREM', P .. 'assign', channel)
end

-- Gives a channel up: to whoever is free where something is left to do, else to rest.
local function let_go(channel, worker)
  call('DEL', lease_key(channel))
  call('SREM', owned_key(worker), channel)
  call('SREM', wake_key(worker), channel)
  call('HDEL', live_key(worker), channel)
  wish_again(channel)
  if has_work(channel) then
    assign(channel)
    return 'assigned'
  end
  call('ZREM', P .. 'assign', channel)
  -- A blocked channel goes cold with its prompts still in the queue.
  if not has_jobs(channel) then forget_queue(channel) end
  return 'cold'
end

-- Drops index entries whose prompt is past retention, oldest first; at most `count` a call.
local function trim_index(key, count)
  local dropped = 0
  for _, id in ipairs(call('ZRANGE', key, 0, count - 1)) do
    if call('EXISTS', prompt_key(id)) == 1 then break end
    call('ZREM', key, id)
    dropped = dropped + 1
  end
  return dropped
end
