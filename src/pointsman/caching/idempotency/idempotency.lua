-- Answers under idempotency keys. KEYS[1]: one of them, a hash: r the request, f its fingerprint, t when it came
-- (microseconds), o whose it is; and once it is final s, h, m and, unless it was too large, b. KEYS[2]: those that
-- are final, by when they came. KEYS[3]: their sizes, and under "" the sum. KEYS[4]: the process that asks.
local ask, request = ARGV[1], ARGV[2]

local function drop(key)
  local size = redis.call('HGET', KEYS[3], key)
  if size then
    redis.call('HDEL', KEYS[3], key)
    redis.call('HINCRBY', KEYS[3], '', -size)
    redis.call('ZREM', KEYS[2], key)
  end
  redis.call('DEL', key)
end

if ask == 'claim' then
  local instead_of, fingerprint, at, owners = ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
  local keep, lease_ms = tonumber(ARGV[7]), ARGV[8]
  local known = redis.call('HMGET', KEYS[1], 'r', 'f', 't', 'o', 's', 'h', 'm', 'b')
  if known[1] then
    if known[1] == request and not known[5] then
      return false -- it was sent twice, since a connection broke
    end
    local others = owners .. known[4] ~= KEYS[4]
    local alive = not known[5] and others and redis.call('EXISTS', owners .. known[4]) == 1
    local over = at - tonumber(known[3]) >= keep and not alive
    if not over and (known[5] or known[1] ~= instead_of) then
      known[9], known[10] = alive and 1 or 0, others and 1 or 0
      return known
    end
    drop(KEYS[1])
  end
  redis.call('HSET', KEYS[1], 'r', request, 'f', fingerprint, 't', ARGV[5], 'o', KEYS[4]:sub(#owners + 1))
  redis.call('PEXPIRE', KEYS[1], math.ceil(keep / 1000))
  redis.call('SET', KEYS[4], '', 'PX', lease_ms)
  return false
end

if redis.call('HGET', KEYS[1], 'r') ~= request or redis.call('HEXISTS', KEYS[1], 's') == 1 then
  return 0
end
if ask == 'forget' then
  redis.call('DEL', KEYS[1])
  return 0
end
local at, keep, most, size = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
redis.call('HSET', KEYS[1], 's', ARGV[7], 'h', ARGV[8], 'm', ARGV[9])
if ARGV[10] then
  redis.call('HSET', KEYS[1], 'b', ARGV[10])
end
redis.call('ZADD', KEYS[2], at, KEYS[1])
redis.call('HSET', KEYS[3], KEYS[1], size)
redis.call('HINCRBY', KEYS[3], '', size)
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', at - keep, 'LIMIT', 0, 16)) do
  drop(key)
end
local evicted = 0
while tonumber(redis.call('HGET', KEYS[3], '')) > most do
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
  if not oldest then
    break
  end
  drop(oldest)
  evicted = evicted + 1
end
return evicted
