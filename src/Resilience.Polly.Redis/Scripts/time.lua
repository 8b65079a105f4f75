-- Stands before each script that needs the time. Only the server's clock counts: those of the instances may differ. All times are in milliseconds.

-- A number as text without a fraction or an exponent, in every version of Lua.
local function whole(number)
  return string.format('%.0f', number)
end

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
