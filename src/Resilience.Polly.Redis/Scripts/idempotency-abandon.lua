-- Makes an entry free. ARGV: 1 the owner.

if owner ~= ARGV[1] or isCompleted then
  return 0
end

redis.call('DEL', KEYS[1])
return 1
