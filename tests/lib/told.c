/* told.c - see told.h. */
#include "tests/lib/told.h"

#include <stdlib.h>
#include <string.h>

enum { RING = 1024 }; /* numbers remembered of a client */

void told_start(struct told *told, uint32_t clients)
{
    told->count = 0;
    told->clients = clients;
}

static bool same_client(const struct told *told, uint32_t at, const struct pm_entry *entry)
{
    return told->answer[at].role == entry->actor.role && told->answer[at].client == entry->client &&
           pm_text_equal(pm_text(told->answer[at].actor.text), entry->actor.name);
}

bool told_before(const struct told *told, const struct pm_entry *entry, struct pm_result *out)
{
    for (uint32_t i = told->count; i-- > 0;) {
        if (told->answer[i].forgotten || !same_client(told, i, entry) ||
            told->answer[i].number % RING != entry->number % RING)
            continue;
        if (told->answer[i].number < entry->number)
            return false;
        if (told->answer[i].number > entry->number)
            *out = (struct pm_result){.status = PM_TOO_OLD};
        else if (told->answer[i].hash != entry->hash)
            *out = (struct pm_result){.status = PM_NUMBER_REUSED};
        else
            *out = told->answer[i].result;
        return true;
    }
    return false;
}

static bool same_actor(const struct told *told, uint32_t a, uint32_t b)
{
    return told->answer[a].role == told->answer[b].role &&
           memcmp(&told->answer[a].actor, &told->answer[b].actor, sizeof(struct pm_name)) == 0;
}

/* Is this the last answer to its client? */
static bool is_last(const struct told *told, uint32_t at)
{
    for (uint32_t i = at + 1; i < told->count; i++)
        if (told->answer[i].client == told->answer[at].client && same_actor(told, i, at))
            return false;
    return true;
}

/* How many clients are remembered, of the one's actor or of all, and the last answer of the one
 * that was told something longest ago. */
static uint32_t count_clients(const struct told *told, uint32_t one, bool of_actor,
                              uint32_t *oldest)
{
    uint32_t clients = 0;
    for (uint32_t i = told->count; i-- > 0;)
        if (!told->answer[i].forgotten && is_last(told, i) &&
            (!of_actor || same_actor(told, i, one))) {
            clients++;
            *oldest = i;
        }
    return clients;
}

/* When the newest answer's client is one too many, another is forgotten: its actor's if that one
 * had an eighth before. */
static void forget(struct told *told)
{
    uint32_t newest = told->count - 1, of_all = newest, of_actor = newest;
    if (count_clients(told, newest, false, &of_all) <= told->clients)
        return;
    uint32_t before = count_clients(told, newest, true, &of_actor) - 1;
    uint32_t oldest = before > 0 && before >= told->clients / 8 ? of_actor : of_all;
    for (uint32_t i = 0; i <= oldest; i++)
        if (same_actor(told, i, oldest) && told->answer[i].client == told->answer[oldest].client)
            told->answer[i].forgotten = true;
}

void told_now(struct told *told, const struct pm_entry *entry, struct pm_result result)
{
    if (told->count == TOLD_MAX)
        abort(); /* a history is shorter */
    uint32_t at = told->count++;
    memset(&told->answer[at], 0, sizeof told->answer[at]);
    told->answer[at].role = entry->actor.role;
    if (entry->actor.name.length <= PM_NAME_MAX && entry->actor.name.length > 0)
        memcpy(told->answer[at].actor.text, entry->actor.name.bytes, entry->actor.name.length);
    told->answer[at].client = entry->client;
    told->answer[at].number = entry->number;
    told->answer[at].hash = entry->hash;
    told->answer[at].result = result;
    forget(told);
}
