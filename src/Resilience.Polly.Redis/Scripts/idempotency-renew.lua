-- Prolongs a claim. ARGV: 1 the owner, 2 how long the lease lasts, 3 whether the effect is certain from now on.

if owner ~= ARGV[1] or isCompleted then
  return 0
end

if ARGV[3] == '1' then
  redis.call('HSET', KEYS[1], 'committed', '1')
end
prolong(ARGV[2])
return 1
