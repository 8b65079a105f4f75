-- Claims an entry. ARGV: 1 the owner, 2 the fingerprint, 3 how long the lease lasts, 4 how long the entry is remembered, 5 whether to take an abandoned one.

if owner and print ~= ARGV[2] then
  return { 'Mismatch' }
elseif isCompleted then
  return { 'Completed', redis.call('HGET', KEYS[1], 'result') }
elseif owner and owner ~= ARGV[1] and ends > now then
  return { 'Running', whole(ends - now) }
elseif owner and owner ~= ARGV[1] and (isCommitted or ARGV[5] ~= '1') then
  return { 'Abandoned', isCommitted and '1' or '0' }
end

keep = tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'print', ARGV[2], 'keep', ARGV[4])
prolong(ARGV[3])
return { 'Claimed' }
