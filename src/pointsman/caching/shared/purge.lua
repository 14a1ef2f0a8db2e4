-- Forget some of the answers that labels and age say: those of one piece of the walk through all of them.
--
-- KEYS  1 the ids of all by when they expire (ms), 2 what is noted of each, 3 bytes of all
-- ARGV  1 where the walk is, 2 about how many to look at, 3 {t, m, g, o} as MessagePack: labels of tenant, model
--       and tag, and an age in ms, each as far as it counts, 4 what the keys of answers begin with
-- Says  where the walk goes on ("0": it is over), how many are forgotten, how many are left, their bytes

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local which = cmsgpack.unpack(ARGV[3])
local used = tonumber(redis.call('GET', KEYS[3]) or 0)
local forgotten = 0

local function means(note)
  if which.t and which.t ~= note.t then return false end
  if which.m and which.m ~= note.m then return false end
  if which.o and now - note.at <= which.o then return false end
  if not which.g then return true end
  for _, tag in ipairs(note.g) do
    if tag == which.g then return true end
  end
  return false
end

local found = redis.call('HSCAN', KEYS[2], ARGV[1], 'COUNT', ARGV[2])
for i = 1, #found[2], 2 do
  local note = cmsgpack.unpack(found[2][i + 1])
  if means(note) then
    local id = found[2][i]
    forgotten = forgotten + redis.call('DEL', ARGV[4] .. id)
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[1], id)
    used = math.max(0, used - note.s)
  end
end
if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('SET', KEYS[3], string.format('%.0f', used), 'KEEPTTL') end
return {found[1], forgotten, redis.call('ZCARD', KEYS[1]), used}
