-- Whether the server can run a script that writes, as all others here do. KEYS[1] is a key for that, ARGV[1] a value.

redis.call('SET', KEYS[1], ARGV[1], 'PX', '10000')
return 1
