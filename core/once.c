/* once.c - what clients were told. */
#include "once.h"

#include <string.h>

#include "fetch.h"
#include "find.h"
#include "names.h"

/* An actor's share of the clients that are remembered is one in so many. */
enum { SHARES = 8 };

/* A client that acts again within so few entries, one in so many of the clients remembered, keeps
 * its place in the lists: most act again at once, and moving touches four others. In a list of a
 * share or more it cannot have become the oldest since. */
enum { STAYS = 4 * SHARES };

static struct client_ring *ring_at(const struct pm_core *core, uint32_t client)
{
    return (struct client_ring *)core->table[TABLE_CLIENTS].details + client;
}

static bool is_remembered(const struct pm_entry *entry)
{
    return entry->number != 0 && entry->actor.name.length <= PM_NAME_MAX;
}

static struct pm_text actor_name(const struct pm_entry *entry)
{
    return entry->actor.name.length > 0 ? entry->actor.name : (struct pm_text){"", 0};
}

static uint64_t entry_hash(const struct pm_entry *entry)
{
    return client_hash(entry->actor.role, actor_name(entry), entry->client);
}

uint64_t once_hash(const struct pm_core *core, const struct client *client)
{
    const struct actor *actor = actor_at(core, client->actor);
    return client_hash(actor->role, name_text(&actor->name), client->client);
}

uint64_t once_actor_hash(const struct actor *actor)
{
    return actor_hash(actor->role, name_text(&actor->name));
}

static bool is_actor(const struct pm_core *core, uint32_t slot, const struct pm_entry *entry)
{
    const struct actor *actor = actor_at(core, slot);
    return actor->role == entry->actor.role && name_is(&actor->name, actor_name(entry));
}

static bool is_client(const struct pm_core *core, uint32_t slot, const struct pm_entry *entry)
{
    const struct client *client = client_at(core, slot);
    return client->client == entry->client && is_actor(core, client->actor, entry);
}

/* Where the slot of the client with this number is noted that was told something last. */
static unsigned note_of(uint64_t client)
{
    return (unsigned)(client ^ client >> 32) % CLIENTS_NOTED;
}

uint32_t once_client(const struct pm_core *core, const struct pm_entry *entry)
{
    if (!is_remembered(entry))
        return 0;
    const struct map *map = &core->map[MAP_CLIENTS];
    uint32_t noted = core->client_noted[note_of(entry->client)];
    if (client_at(core, noted)->row.next_free == ROW_USED && is_client(core, noted, entry))
        return noted;
    struct map_cursor c = map_first(map, entry_hash(entry));
    while (c.slot != 0 && !is_client(core, c.slot, entry))
        c = map_more(map, c);
    return c.slot;
}

bool once_recall(const struct pm_core *core, uint32_t client, const struct pm_entry *entry,
                 struct pm_result *out)
{
    if (client == 0)
        return false;
    const struct client_answer *answer =
        &ring_at(core, client)->answer[entry->number % CLIENT_RING];
    if (answer->number < entry->number)
        return false;
    if (answer->number > entry->number)
        *out = (struct pm_result){.status = PM_TOO_OLD};
    else if (answer->hash != entry->hash)
        *out = (struct pm_result){.status = PM_NUMBER_REUSED};
    else
        *out = (struct pm_result){.status = (uint16_t)answer->status, .id = answer->id};
    return true;
}

/* ---- Clients by last use ---- */

static struct uses *uses_of(struct pm_core *core, uint32_t client, unsigned list)
{
    return list == CLIENTS_OF_ALL ? &core->header.clients
                                  : &actor_at(core, client_at(core, client)->actor)->clients;
}

static void unlink_client(struct pm_core *core, uint32_t slot, unsigned list)
{
    struct uses *uses = uses_of(core, slot, list);
    struct use at = client_at(core, slot)->in[list];
    if (at.newer != 0)
        client_at(core, at.newer)->in[list].older = at.older;
    else
        uses->newest = at.older;
    if (at.older != 0)
        client_at(core, at.older)->in[list].newer = at.newer;
    else
        uses->oldest = at.newer;
}

static void link_newest(struct pm_core *core, uint32_t slot, unsigned list)
{
    struct uses *uses = uses_of(core, slot, list);
    client_at(core, slot)->in[list] = (struct use){.older = uses->newest};
    if (uses->newest != 0)
        client_at(core, uses->newest)->in[list].newer = slot;
    else
        uses->oldest = slot;
    uses->newest = slot;
}

static void make_newest(struct pm_core *core, uint32_t slot)
{
    struct client *client = client_at(core, slot);
    uint32_t now = (uint32_t)core->header.sequence;
    if (now - client->moved < core->table[TABLE_CLIENTS].capacity / STAYS)
        return;
    client->moved = now;
    for (unsigned list = 0; list < CLIENT_LISTS; list++)
        if (uses_of(core, slot, list)->newest != slot) {
            unlink_client(core, slot, list);
            link_newest(core, slot, list);
        }
}

/* ---- Actors ---- */

static uint32_t find_actor(const struct pm_core *core, const struct pm_entry *entry)
{
    const struct map *map = &core->map[MAP_ACTORS];
    struct map_cursor c = map_first(map, actor_hash(entry->actor.role, actor_name(entry)));
    while (c.slot != 0 && !is_actor(core, c.slot, entry))
        c = map_more(map, c);
    return c.slot;
}

/* There is room for one: each has a client at least, and there may be as many. */
static uint32_t add_actor(struct pm_core *core, const struct pm_entry *entry)
{
    uint32_t slot = table_take(&core->table[TABLE_ACTORS]);
    struct actor *actor = actor_at(core, slot);
    actor->role = entry->actor.role;
    name_set(&actor->name, entry->actor.name);
    map_add(&core->map[MAP_ACTORS], once_actor_hash(actor), slot);
    return slot;
}

static void leave_actor(struct pm_core *core, uint32_t slot)
{
    struct actor *actor = actor_at(core, slot);
    if (--actor->count > 0)
        return;
    map_remove(&core->map[MAP_ACTORS], once_actor_hash(actor), slot);
    table_free(&core->table[TABLE_ACTORS], slot);
}

/* ---- Clients that come and go ---- */

static void forget(struct pm_core *core, uint32_t slot)
{
    struct client *client = client_at(core, slot);
    map_remove(&core->map[MAP_CLIENTS], once_hash(core, client), slot);
    for (unsigned list = 0; list < CLIENT_LISTS; list++)
        unlink_client(core, slot, list);
    leave_actor(core, client->actor);
    table_free(&core->table[TABLE_CLIENTS], slot);
}

/* Whom a client of this actor takes the place of. */
static uint32_t least_recent(const struct pm_core *core, uint32_t actor)
{
    const struct actor *own = actor_at(core, actor);
    bool has_its_share = actor != 0 && own->count >= core->table[TABLE_CLIENTS].capacity / SHARES;
    return has_its_share ? own->clients.oldest : core->header.clients.oldest;
}

static uint32_t add_client(struct pm_core *core, const struct pm_entry *entry)
{
    uint32_t actor = find_actor(core, entry);
    if (!table_has_room(&core->table[TABLE_CLIENTS], 1)) {
        forget(core, least_recent(core, actor));
        actor = find_actor(core, entry); /* with its only client it would have gone */
    }
    if (actor == 0)
        actor = add_actor(core, entry);
    uint32_t slot = table_take(&core->table[TABLE_CLIENTS]);
    struct client *client = client_at(core, slot);
    client->client = entry->client;
    client->actor = actor;
    client->moved = (uint32_t)core->header.sequence;
    actor_at(core, actor)->count++;
    map_add(&core->map[MAP_CLIENTS], entry_hash(entry), slot);
    for (unsigned list = 0; list < CLIENT_LISTS; list++)
        link_newest(core, slot, list);
    return slot;
}

void once_remember(struct pm_core *core, uint32_t client, const struct pm_entry *entry,
                   struct pm_result result)
{
    if (client == 0 && !is_remembered(entry))
        return;
    if (client == 0)
        client = add_client(core, entry);
    else if (client != core->header.clients.newest)
        make_newest(core, client);
    core->client_noted[note_of(entry->client)] = client;
    ring_at(core, client)->answer[entry->number % CLIENT_RING] = (struct client_answer){
        .number = entry->number,
        .hash = entry->hash,
        .id = result.id,
        .status = result.status,
    };
    /* Its next command will look there, or in the line beside. */
    fetch(&ring_at(core, client)->answer[(entry->number + 2) % CLIENT_RING],
          sizeof(struct client_answer));
}
