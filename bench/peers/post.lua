-- A call-off in Redis: keeps the package, asks the best service of the locality that can, holds its capacity.
-- Services of a locality stand in a sorted set by score; a pool is a hash of free minutes a band.
-- Numbers come from a counter, so that a script needs no arguments (what sends them can only repeat itself).
local number = redis.call('INCR', 'packages')
local package = 'package:' .. number
local locality = number * 7919 % 64
local needs = number % 4 == 0 and 1 or 0
local minutes = 150 * (1 + number % 4)
local demand = {minutes, 0, 150, 0, 60, 0, 60, 0}
local packed = table.concat(demand, ' ')
for _, service in ipairs(redis.call('ZREVRANGE', 'locality:' .. locality, 0, -1)) do
    local s = redis.call('HMGET', 'service:' .. service, 'rate', 'capabilities', 'active')
    if s[3] == '1' and tonumber(s[1]) <= 3300 and (needs == 0 or s[2] == '1') then
        local pool = 'pool:' .. service
        local free = redis.call('HMGET', pool, '1', '2', '3', '4', '5', '6', '7', '8')
        local fits = true
        for b = 1, 8 do fits = fits and tonumber(free[b]) >= demand[b] end
        if fits then
            for b = 1, 8 do
                if demand[b] > 0 then redis.call('HINCRBY', pool, b, -demand[b]) end
            end
            local offer = redis.call('INCR', 'offers')
            redis.call('HSET', package, 'locality', locality, 'demand', packed, 'needs', needs, 'state', 'offered')
            redis.call('HSET', 'offer:' .. offer, 'package', number, 'service', service, 'rate', s[1], 'state', 'open',
                'deadline', redis.call('TIME')[1] + 14400)
            redis.call('LPUSH', 'open', offer)
            return offer
        end
    end
end
redis.call('HSET', package, 'locality', locality, 'demand', packed, 'needs', needs, 'state', 'waiting')
return false
