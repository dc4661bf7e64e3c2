/*
 * logins.c: see logins.h.
 */
#include "logins.h"

#include "core/hash.h"

enum { OF_CONNECTION = 1, OF_ADDRESS = 2 };

static uint32_t place_of(const struct logins *logins, unsigned sort, uint64_t number)
{
    uint64_t key[2] = {sort, number};
    return (uint32_t)pm_hash(key, sizeof key, logins->secret) % LOGINS_PLACES;
}

/* What has leaked since is gone. */
static void leak(struct logins *logins, uint32_t place, uint32_t now)
{
    uint32_t since = logins->bucket[place].since, failed = logins->bucket[place].failed;
    uint32_t leaked = now > since ? (now - since) / LOGINS_LEAK : 0;
    if (leaked >= failed) {
        logins->bucket[place].failed = 0;
        logins->bucket[place].since = now;
        return;
    }
    logins->bucket[place].failed -= leaked;
    logins->bucket[place].since += leaked * LOGINS_LEAK;
}

static uint32_t wait_of(struct logins *logins, uint32_t place, uint32_t most, uint32_t now)
{
    leak(logins, place, now);
    uint32_t failed = logins->bucket[place].failed;
    if (failed < most)
        return 0;
    return (failed - most + 1) * LOGINS_LEAK - (now - logins->bucket[place].since);
}

uint32_t logins_wait_of_connection(struct logins *logins, uint64_t connection, uint32_t now)
{
    return wait_of(logins, place_of(logins, OF_CONNECTION, connection), LOGINS_OF_CONNECTION, now);
}

uint32_t logins_wait_of_address(struct logins *logins, uint64_t address, uint32_t now)
{
    return wait_of(logins, place_of(logins, OF_ADDRESS, address), LOGINS_OF_ADDRESS, now);
}

static void fill(struct logins *logins, uint32_t place, uint32_t now)
{
    leak(logins, place, now);
    logins->bucket[place].failed++;
}

void logins_failed(struct logins *logins, uint64_t connection, uint64_t address, uint32_t now)
{
    fill(logins, place_of(logins, OF_CONNECTION, connection), now);
    fill(logins, place_of(logins, OF_ADDRESS, address), now);
}
