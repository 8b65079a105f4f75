-- Changes the circuit, unless it has an epoch that the instance does not know.
-- ARGV: 4 the instance, 5 the epoch that it knows, 6 whether the change holds in any epoch, 7 the state, 8 how long it lasts, 9 how often it broke, 10 why.

if circuit.epoch <= tonumber(ARGV[5]) or ARGV[6] == '1' then
  change(ARGV[5], ARGV[7], ARGV[8], ARGV[9], ARGV[4], ARGV[10])
end

return answer(false)
