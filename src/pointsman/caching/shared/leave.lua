-- Follow a leader no longer. Who was to pay still is: they have had something.
--
-- KEYS  1 who follows, by until when (ms), 2 who is to pay, by follower
-- ARGV  1 the follower

redis.call('ZREM', KEYS[1], ARGV[1])
local payers = redis.call('HGET', KEYS[2], ARGV[1])
if payers then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HSET', KEYS[2], ARGV[1] .. '!', payers)
end
return 1
