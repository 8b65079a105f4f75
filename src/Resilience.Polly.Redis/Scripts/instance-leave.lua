-- Says that an instance stops. KEYS[1] is the set of instance-beat.lua. ARGV: 1 the instance.

return redis.call('ZREM', KEYS[1], ARGV[1])
