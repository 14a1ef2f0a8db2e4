-- Store one answer, and keep what all of them take within a bound.
--
-- KEYS  1 the answer, 2 the ids of all by when they expire (ms), 3 what is noted of each, 4 bytes of all
-- ARGV  1 its id, 2 the answer, 3 ms for which it is kept, 4 its labels {t, m, g} as MessagePack,
--       5 bytes that it counts for, 6 most bytes of all, 7 what the keys of answers begin with
-- Says  1 if it is stored, how many there are, their bytes

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local size, most = tonumber(ARGV[5]), tonumber(ARGV[6])
local used = tonumber(redis.call('GET', KEYS[4]) or 0)

local function forget(id)
  local note = redis.call('HGET', KEYS[3], id)
  if note then used = math.max(0, used - cmsgpack.unpack(note).s) end
  redis.call('HDEL', KEYS[3], id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('DEL', ARGV[7] .. id)
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 32)) do forget(id) end
forget(ARGV[1])
local stored = 0
if size <= most then
  for _ = 1, 64 do
    if used + size <= most then break end
    local first = redis.call('ZRANGE', KEYS[2], 0, 0)
    if not first[1] then used = 0 else forget(first[1]) end
  end
end
if used + size <= most then
  local ttl = tonumber(ARGV[3])
  local note = cmsgpack.unpack(ARGV[4])
  note.s, note.at = size, now
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ttl)
  redis.call('ZADD', KEYS[2], now + ttl, ARGV[1])
  redis.call('HSET', KEYS[3], ARGV[1], cmsgpack.pack(note))
  used = used + size
  stored = 1
end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
local keep = last[2] and math.max(1, tonumber(last[2]) - now) or 1
redis.call('SET', KEYS[4], string.format('%.0f', used), 'PX', keep)
redis.call('PEXPIRE', KEYS[2], keep)
redis.call('PEXPIRE', KEYS[3], keep)
return {stored, redis.call('ZCARD', KEYS[2]), used}
