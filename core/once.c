/* once.c - what clients were told. */
#include "once.h"

#include <string.h>

#include "find.h"
#include "names.h"

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

uint64_t once_hash(const struct client *client)
{
    return client_hash(client->role, name_text(&client->actor), client->client);
}

static bool is_client(const struct pm_core *core, uint32_t slot, const struct pm_entry *entry)
{
    const struct client *client = client_at(core, slot);
    return client->client == entry->client && client->role == entry->actor.role &&
           name_is(&client->actor, actor_name(entry));
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

static void unlink_client(struct pm_core *core, uint32_t slot)
{
    struct client *client = client_at(core, slot);
    if (client->newer != 0)
        client_at(core, client->newer)->older = client->older;
    else
        core->header.client_newest = client->older;
    if (client->older != 0)
        client_at(core, client->older)->newer = client->newer;
    else
        core->header.client_oldest = client->newer;
}

static void link_newest(struct pm_core *core, uint32_t slot)
{
    struct client *client = client_at(core, slot);
    client->newer = 0;
    client->older = core->header.client_newest;
    if (client->older != 0)
        client_at(core, client->older)->newer = slot;
    else
        core->header.client_oldest = slot;
    core->header.client_newest = slot;
}

static void forget_oldest(struct pm_core *core)
{
    uint32_t oldest = core->header.client_oldest;
    map_remove(&core->map[MAP_CLIENTS], once_hash(client_at(core, oldest)), oldest);
    unlink_client(core, oldest);
    table_free(&core->table[TABLE_CLIENTS], oldest);
}

static uint32_t add_client(struct pm_core *core, const struct pm_entry *entry)
{
    if (!table_has_room(&core->table[TABLE_CLIENTS], 1))
        forget_oldest(core);
    uint32_t slot = table_take(&core->table[TABLE_CLIENTS]);
    struct client *client = client_at(core, slot);
    client->client = entry->client;
    client->role = entry->actor.role;
    name_set(&client->actor, entry->actor.name);
    map_add(&core->map[MAP_CLIENTS], entry_hash(entry), slot);
    link_newest(core, slot);
    return slot;
}

void once_remember(struct pm_core *core, uint32_t client, const struct pm_entry *entry,
                   struct pm_result result)
{
    if (!is_remembered(entry))
        return;
    if (client == 0) {
        client = add_client(core, entry);
    } else if (client != core->header.client_newest) {
        unlink_client(core, client);
        link_newest(core, client);
    }
    core->client_noted[note_of(entry->client)] = client;
    ring_at(core, client)->answer[entry->number % CLIENT_RING] = (struct client_answer){
        .number = entry->number,
        .hash = entry->hash,
        .id = result.id,
        .status = result.status,
    };
}
