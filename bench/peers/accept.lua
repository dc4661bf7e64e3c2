-- The provider's yes to the offer that has been open longest: in time, still open; it is placed.
local number = redis.call('RPOP', 'open')
if not number then return redis.error_reply('nothing is open') end
local offer = 'offer:' .. number
local o = redis.call('HMGET', offer, 'package', 'service', 'rate', 'state', 'deadline')
if o[4] ~= 'open' or tonumber(o[5]) < tonumber(redis.call('TIME')[1]) then return false end
local placement = redis.call('INCR', 'placements')
redis.call('HSET', offer, 'state', 'accepted')
redis.call('HSET', 'package:' .. o[1], 'state', 'placed', 'placement', placement)
redis.call('HSET', 'placement:' .. placement, 'package', o[1], 'service', o[2], 'rate', o[3])
return placement
