-- Reads the circuit. A server that has lost its data takes over what the instance knows.
-- ARGV: as for circuit-change.lua; 6 has no meaning.

if circuit.epoch < tonumber(ARGV[5]) then
  change(ARGV[5], ARGV[7], ARGV[8], ARGV[9], ARGV[4], ARGV[10])
elseif circuit.epoch > 0 then
  redis.call('PEXPIRE', KEYS[1], keep)
end

return answer(false)
