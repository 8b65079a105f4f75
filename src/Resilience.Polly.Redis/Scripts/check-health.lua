-- Whether the server can run a script that writes, as all others here do. KEYS[1] is a key for that.

redis.call('SET', KEYS[1], '1', 'PX', '10000')
return 1
