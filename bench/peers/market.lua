-- 64 localities with 60 services each, no pool ever full.
for n = 0, 64 * 60 - 1 do
    redis.call('ZADD', 'locality:' .. math.floor(n / 60), n * 7919 % 10000, n)
    redis.call('HSET', 'service:' .. n, 'rate', 1900 + n * 31 % 1300, 'capabilities', n % 4 == 0 and 0 or 1, 'active', 1)
    for b = 1, 8 do redis.call('HSET', 'pool:' .. n, b, 500000000) end
end
return redis.status_reply('OK')
