-- Tell one batch of an answer under way, and renew the lease of its leader, or end it.
--
-- KEYS  1 who leads, 2 the stream of what this leader tells, 3 who follows, by until when (ms)
-- ARGV  1 the leader's token, 2 the batch's number, 3 the batch, 4 ms until the lease lapses (0: it ends),
--       5 ms for which the stream is kept, 6 most batches that are kept (0: any number), 7 whether it must lead,
--       8 whether the answer is over, and only lingers
-- Says  how many follow, or -1 where another leads, or nobody: then the batch was not told

local leads = redis.call('GET', KEYS[1]) == ARGV[1]
if ARGV[7] == '1' and not leads then return -1 end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local number = last[1] and tonumber(string.match(last[1][1], '^%d+')) or 0
if number < tonumber(ARGV[2]) then
  if ARGV[6] == '0' then
    redis.call('XADD', KEYS[2], ARGV[2] .. '-0', 'd', ARGV[3])
  else
    redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[6], ARGV[2] .. '-0', 'd', ARGV[3])
  end
end
redis.call('PEXPIRE', KEYS[2], ARGV[5])
if leads then
  if ARGV[4] == '0' then
    redis.call('DEL', KEYS[1])
  elseif ARGV[8] == '1' then
    redis.call('SET', KEYS[1], ARGV[1] .. '!', 'PX', ARGV[4])
  else
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
  end
end
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
return redis.call('ZCARD', KEYS[3])
