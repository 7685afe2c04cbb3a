-- The sessions of a channel's conversation.
-- Uses: keys

-- Kept in pieces: Redis packs a hash tightly (half of what it takes otherwise) as long as no value of it is longer than
-- `hash-max-listpack-value`, 64 bytes; up to 63 its length is told in one byte.
local PIECE_BYTES = 63

-- `text` is ASCII, so that no piece ends within a character; '' where none are to be kept.
local function keep_sessions(channel, text)
  local key, count = channel_key(channel), math.ceil(#text / PIECE_BYTES)
  for i = 1, count do
    call('HSET', key, 's' .. i, string.sub(text, (i - 1) * PIECE_BYTES + 1, i * PIECE_BYTES))
  end
  local next_one = count + 1
  while call('HDEL', key, 's' .. next_one) == 1 do next_one = next_one + 1 end
end
