-- Stores the result. ARGV: 1 the owner, 2 the result, 3 how long it is kept.

if owner ~= ARGV[1] then
  return 0
end

if not isCompleted then
  redis.call('HSET', KEYS[1], 'result', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
