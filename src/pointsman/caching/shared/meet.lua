-- One round trip for a request that nothing in memory answers: the answer that is kept, else the right to make
-- the call, else who makes it; that one is followed from now on, for a lease.
--
-- KEYS  1 who leads, 2 what is there for a while after answers were purged, 3 … answers that would do
-- ARGV  1 a token of the asker's, 2 ms of a lease, 3 who is to pay a part of the call if it is followed, or ''
-- Says  {which of the answers, the answer, ms for which it is kept}, or the token of who leads: the asker's own
--       where it does

for i = 3, #KEYS do
  local kept = redis.call('GET', KEYS[i])
  if kept then return {i - 3, kept, redis.call('PTTL', KEYS[i])} end
end
local leads = redis.call('GET', KEYS[1])
if not leads or (leads:sub(-1) == '!' and redis.call('EXISTS', KEYS[2]) == 1) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return ARGV[1]
end
leads = leads:gsub('!', '')
local time = redis.call('TIME')
local followers = KEYS[1] .. ':' .. leads .. ':followers'
redis.call('ZADD', followers, time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('PEXPIRE', followers, 2 * ARGV[2])
if ARGV[3] ~= '' then
  local payers = KEYS[1] .. ':' .. leads .. ':payers'
  redis.call('HSET', payers, ARGV[1], ARGV[3])
  redis.call('PEXPIRE', payers, 2 * ARGV[2])
end
return leads
