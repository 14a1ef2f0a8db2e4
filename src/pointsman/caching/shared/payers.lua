-- Who is to pay a part of a call that is over: for whom it is followed, and for whom it was until they left.
--
-- KEYS  1 who leads, 2 who follows, by until when (ms), 3 who is to pay, by follower; with a "!" behind it: it left
-- ARGV  1 the leader's token, 2 whether it must lead
-- Says  who is to pay, by each; nothing where another leads. Who was not heard for a lease is not among them.

if ARGV[2] == '1' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return {} end
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
local found, all = {}, redis.call('HGETALL', KEYS[3])
for i = 1, #all, 2 do
  if all[i]:sub(-1) == '!' or redis.call('ZSCORE', KEYS[2], all[i]) then found[#found + 1] = all[i + 1] end
end
return found
