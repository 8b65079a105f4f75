-- Stands before each script about a circuit.
-- KEYS[1] is a hash, the circuit. KEYS[2] is a sorted set: the instances that vote, by the time until which their votes last.
-- ARGV: 1 the channel for news, 2 the name of the circuit, 3 how long Redis keeps a circuit that nobody asks for.

local keep = ARGV[3]
local field = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'ends', 'breaks', 'instance', 'reason', 'prober', 'probeEnds')

-- "ends" is empty for a break without an end, and for a closed circuit.
local circuit = {
  epoch = tonumber(field[1] or '0'), state = field[2] or 'Closed', ends = field[3] or '', breaks = field[4] or '0',
  instance = field[5] or '', reason = field[6] or '', prober = field[7], probeEnds = tonumber(field[8] or '0')
}

local function isOver()
  return circuit.ends ~= '' and now >= tonumber(circuit.ends)
end

local function answer(hasProbe)
  local left = circuit.ends == '' and '' or whole(math.max(0, tonumber(circuit.ends) - now))
  local values = { whole(circuit.epoch), circuit.state, left, circuit.breaks, circuit.instance, circuit.reason, hasProbe and '1' or '0' }
  for _, instance in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. whole(now), '+inf')) do
    values[#values + 1] = instance
  end
  return values
end

-- Sets the state in an epoch above all known ones, and tells every instance. Nobody else can change it in between, so news leave in the order of the epochs.
local function change(known, state, lasts, breaks, instance, reason)
  circuit.epoch = math.max(circuit.epoch, tonumber(known)) + 1
  circuit.state = state
  circuit.ends = lasts == '' and '' or whole(now + tonumber(lasts))
  circuit.breaks = breaks
  circuit.instance = instance
  circuit.reason = reason
  redis.call('DEL', KEYS[2])
  redis.call('HDEL', KEYS[1], 'prober', 'probeEnds')
  redis.call('HSET', KEYS[1], 'epoch', whole(circuit.epoch), 'state', state, 'ends', circuit.ends, 'breaks', breaks, 'instance', instance, 'reason', reason)
  redis.call('PEXPIRE', KEYS[1], keep)

  -- Each value with its length before it, since a name may have any bytes.
  local news = { whole(#ARGV[2]) .. ':' .. ARGV[2] }
  for _, value in ipairs(answer(false)) do
    news[#news + 1] = whole(#value) .. ':' .. value
  end
  redis.call('PUBLISH', ARGV[1], table.concat(news))
end
