-- Gives the lease of the only probe, if the break is over and nobody else has the lease.
-- ARGV: 4 the owner, 5 the epoch that the owner knows, 6 how long the lease lasts.

local isFree = circuit.prober == ARGV[4] or circuit.probeEnds <= now
if circuit.state == 'Closed' or not isOver() or circuit.epoch ~= tonumber(ARGV[5]) or not isFree then
  return answer(false)
end

redis.call('HSET', KEYS[1], 'prober', ARGV[4], 'probeEnds', whole(now + tonumber(ARGV[6])))
redis.call('PEXPIRE', KEYS[1], keep)
return answer(true)
