-- Sets how many slots an instance holds, and renews its lease.
-- KEYS[1] is a hash: an instance, and "held:sequence:ends:needEnds" of it.
-- ARGV: 1 the channel for news, 2 the name of the bulkhead, 3 the instance, 4 the number of the request, 5 how many slots it wants, 6 how many it needs now,
-- 7 the limit of all instances, 8 how long the lease lasts, 9 how long a need is remembered that is not repeated.

local me = ARGV[3]
local held, sequence, needEnds = 0, 0, 0
local byOthers, lastEnd, isScarce, isFreed = 0, 0, false, false
local holders = {}
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local instance = all[index]
  local h, s, e, n = string.match(all[index + 1], '^(%d+):(%d+):(%d+):(%d+)$')
  h, s, e, n = tonumber(h), tonumber(s), tonumber(e), tonumber(n)
  if e <= now then
    -- Its lease is over.
    redis.call('HDEL', KEYS[1], instance)
    isFreed = isFreed or h > 0
  elseif instance == me then
    held, sequence, needEnds = h, s, n
  else
    byOthers = byOthers + h
    lastEnd = math.max(lastEnd, e)
    isScarce = isScarce or n > now
    if h > 0 then
      holders[#holders + 1] = instance
      holders[#holders + 1] = whole(h)
    end
  end
end

-- A request that was overtaken by a newer one changes nothing.
if tonumber(ARGV[4]) >= sequence then
  local wanted, before = tonumber(ARGV[5]), held
  held = math.min(wanted, math.max(held, tonumber(ARGV[7]) - byOthers))
  local isShort, wasShort = tonumber(ARGV[6]) > held, needEnds > now
  local ends = now + tonumber(ARGV[8])
  needEnds = isShort and now + tonumber(ARGV[9]) or 0
  redis.call('HSET', KEYS[1], me, whole(held) .. ':' .. ARGV[4] .. ':' .. whole(ends) .. ':' .. whole(needEnds))
  redis.call('PEXPIRE', KEYS[1], whole(math.max(lastEnd, ends) - now))
  isFreed = isFreed or held < before
  if (isShort and not wasShort) or (isFreed and isScarce) then
    redis.call('PUBLISH', ARGV[1], ARGV[2])
  end
end

local answer = { whole(held), isScarce and '1' or '0' }
if held > 0 then
  answer[3], answer[4] = me, whole(held)
end
for index = 1, #holders do
  answer[#answer + 1] = holders[index]
end
return answer
