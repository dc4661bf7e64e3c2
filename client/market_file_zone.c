/* market_file_zone.c - local times of a named time zone as UTC. */
#include "market_file_zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONES "/usr/share/zoneinfo"
enum { DAY = 1440, ZONE_NAME_MAX = 64 };

/* Letters, digits and what stands between them: no dots, so nothing outside of the directory.
 * right/ counts leap seconds, which UTC here does not; localtime is another on each machine. */
static bool name_is_good(struct pm_text name)
{
    static const char marks[] = "/_+-";
    if (name.length == 0 || name.length > ZONE_NAME_MAX || name.bytes[0] == '/')
        return false;
    for (uint32_t i = 0; i < name.length; i++) {
        char byte = name.bytes[i];
        bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        if (!letter && !(byte >= '0' && byte <= '9') && memchr(marks, byte, 4) == NULL)
            return false;
    }
    bool right = name.length >= 6 && memcmp(name.bytes, "right/", 6) == 0;
    return !right && !pm_text_equal(name, pm_text("localtime"));
}

/* Is it a file of time-zone data? Not all there is in the directory is. */
static bool zone_is_there(const char *path)
{
    char magic[4] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    bool there = read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    close(fd);
    return there;
}

enum zone_outcome mf_zone_enter(struct zone *zone, struct pm_text name)
{
    /* A colon and a whole path: the file that was looked at, whatever TZDIR says. */
    char value[sizeof ":" ZONES "/" + ZONE_NAME_MAX];
    if (!name_is_good(name))
        return ZONE_UNKNOWN;
    (void)snprintf(value, sizeof value, ":" ZONES "/%.*s", (int)name.length, name.bytes);
    if (!zone_is_there(value + 1))
        return ZONE_UNKNOWN;
    const char *before = getenv("TZ");
    zone->before = before != NULL ? strdup(before) : NULL;
    if ((before != NULL && zone->before == NULL) || setenv("TZ", value, 1) != 0) {
        free(zone->before);
        return ZONE_NO_MEMORY;
    }
    tzset();
    return ZONE_ENTERED;
}

void mf_zone_leave(struct zone *zone)
{
    if (zone->before != NULL)
        (void)setenv("TZ", zone->before, 1);
    else
        (void)unsetenv("TZ");
    tzset();
    free(zone->before);
    zone->before = NULL;
}

/* By how much clocks are ahead of UTC. localtime_r(), unlike mktime(), has nothing to guess: its
 * answer does not depend on what was asked before. */
static int32_t ahead(int32_t utc)
{
    time_t seconds = (time_t)utc * 60;
    struct tm local;
    return localtime_r(&seconds, &local) != NULL ? (int32_t)(local.tm_gmtoff / 60) : 0;
}

/* The first minute after `low` in which clocks are no longer `by` ahead; they are in `low`, and not
 * in `high`. */
static int32_t change_between(int32_t low, int32_t high, int32_t by)
{
    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;
        if (ahead(middle) == by)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* When clocks show a time, first or last; if they never do, the minute in which they went past it.
 */
static int32_t shown(int32_t local, bool last)
{
    /* Clocks are never a day ahead or behind, so these are before and after what is near. */
    int32_t before = ahead(local - DAY);
    int32_t after = ahead(local + DAY);
    if (before == after) /* most days */
        return local - before;
    bool by_before = ahead(local - before) == before;
    bool by_after = ahead(local - after) == after;
    if (by_before && !(by_after && last))
        return local - before;
    if (by_after)
        return local - after;
    return change_between(local - after, local - before, before);
}

int32_t mf_zone_opens(int32_t local)
{
    return shown(local, false);
}

int32_t mf_zone_closes(int32_t local)
{
    int32_t minute = shown(local - 1, true);
    return minute + ahead(minute) == local - 1 ? minute + 1 : minute;
}
