-- Say that a leader is followed still, and for whom.
--
-- KEYS  1 who follows, by until when (ms), 2 who is to pay, by follower
-- ARGV  1 the follower, 2 ms of a lease, 3 who is to pay, or '' for those that were named last

local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[1], ARGV[3]) end
redis.call('PEXPIRE', KEYS[2], 2 * ARGV[2])
return 1
