-- Says that an instance runs, and reads which do.
-- KEYS[1] is a sorted set: instances, by the time until which they count as running. ARGV: 1 the instance, 2 for how long it counts.

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', whole(now))
redis.call('ZADD', KEYS[1], whole(now + tonumber(ARGV[2])), ARGV[1])

-- The set lives as long as the one in it that lives longest.
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], whole(tonumber(last[2]) - now))
return redis.call('ZRANGE', KEYS[1], 0, -1)
