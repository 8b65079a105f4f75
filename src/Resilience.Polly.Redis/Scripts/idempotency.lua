-- Stands before each script about an entry.
-- KEYS[1] is a hash, the entry: "owner", "print" is the fingerprint of the request, "ends" of the lease, "keep" is how long it lives from its last renewal,
-- "committed", and "result" once it is completed. A free entry does not exist.

local field = redis.call('HMGET', KEYS[1], 'owner', 'print', 'ends', 'keep', 'committed')
local owner, print, ends, keep, isCommitted = field[1], field[2], tonumber(field[3] or '0'), tonumber(field[4] or '0'), field[5] == '1'
local isCompleted = redis.call('HEXISTS', KEYS[1], 'result') == 1

-- An entry lives at least as long as its lease.
local function prolong(lease)
  redis.call('HSET', KEYS[1], 'ends', whole(now + tonumber(lease)))
  redis.call('PEXPIRE', KEYS[1], whole(math.max(keep, tonumber(lease))))
end
