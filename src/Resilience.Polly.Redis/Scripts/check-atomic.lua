-- Looks at a key many times, while another connection sets it again and again. In an atomic script it stays as it is. KEYS[1] is the key.

local before = redis.call('GET', KEYS[1])
for look = 1, 2000 do
  if redis.call('GET', KEYS[1]) ~= before then
    return 0
  end
end
return 1
