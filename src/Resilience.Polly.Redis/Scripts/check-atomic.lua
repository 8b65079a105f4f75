-- Counts, with some time between reading and writing. If many run at once and another one can come in between, some number comes twice.

local count = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
local work = 0
for step = 1, 1000 do
  work = work + step
end
redis.call('SET', KEYS[1], string.format('%.0f', count), 'PX', '10000')
return count
