-- Ends the lease of a probe. ARGV: 4 the owner.

if circuit.prober == ARGV[4] then
  redis.call('HDEL', KEYS[1], 'prober', 'probeEnds')
end

return answer(false)
