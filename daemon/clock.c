/*
 * clock.c: see clock.h.
 */
#include "clock.h"

#include <time.h>

int64_t clock_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t clock_steady_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint32_t clock_steady_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint32_t)now.tv_sec + 1;
}

/* ---- The time that is believed ---- */

static void move_on(struct clock_watch *watch, int64_t wall)
{
    watch->wall = wall;
    if (wall > watch->time)
        watch->time = wall;
}

void clock_watch_begin(struct clock_watch *watch, int64_t least, int64_t wall, uint64_t steady)
{
    *watch = (struct clock_watch){.time = least, .steady = steady};
    move_on(watch, wall);
}

enum clock_news clock_watch_read(struct clock_watch *watch, int64_t wall, uint64_t steady)
{
    int64_t elapsed = (int64_t)((steady - watch->steady) / 1000000u);
    int64_t expected = watch->wall + elapsed;
    bool was_ahead = watch->ahead != 0, was_behind = watch->behind;
    watch->steady += (uint64_t)elapsed * 1000000u; /* what is left over counts next time */
    watch->ahead = wall - expected > CLOCK_JUMP_MS ? wall - expected : 0;
    move_on(watch, watch->ahead != 0 ? expected : wall);
    if (watch->ahead != 0)
        return was_ahead ? CLOCK_AS_EVER : CLOCK_JUMPED;
    watch->behind = wall < watch->time && (was_behind || watch->time - wall > CLOCK_BEHIND_MS);
    if (watch->behind && !was_behind)
        return CLOCK_WENT_BACK;
    return was_ahead ? CLOCK_BELIEVED_AGAIN : CLOCK_AS_EVER;
}

void clock_watch_accept(struct clock_watch *watch, int64_t wall, uint64_t steady)
{
    watch->steady = steady;
    watch->ahead = 0;
    move_on(watch, wall);
}
