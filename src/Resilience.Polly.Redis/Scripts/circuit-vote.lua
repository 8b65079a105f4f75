-- Adds a vote, and opens the circuit if that completes the quorum.
-- ARGV: 4 the instance, 5 the epoch that it knows, 6 the quorum, 7 how long the vote and the break last, 8 how often it broke, 9 why.

if circuit.state ~= 'Closed' and not isOver() then
  return answer(false)
end

-- A server that has lost its data continues above what the instance knows.
if circuit.epoch < tonumber(ARGV[5]) then
  circuit.epoch = tonumber(ARGV[5])
  redis.call('HSET', KEYS[1], 'epoch', whole(circuit.epoch))
  redis.call('PEXPIRE', KEYS[1], keep)
end

redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', whole(now))
redis.call('ZADD', KEYS[2], whole(now + tonumber(ARGV[7])), ARGV[4])
redis.call('PEXPIRE', KEYS[2], keep)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then
  change(ARGV[5], 'Open', ARGV[7], ARGV[8], ARGV[4], ARGV[9])
end

return answer(false)
