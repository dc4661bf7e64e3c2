/*
 * names.h - hashes by which the core's maps find what has a name. Whoever adds to a map, searches
 * it or builds it anew hashes with these.
 */
#ifndef PM_NAMES_H
#define PM_NAMES_H

#include "hash.h"
#include "state.h"

/*
 * Hash of a name in a market. Markets themselves hash with market 0; packages by their reference
 * alone, so that those of several referrers are found together.
 */
static inline uint64_t name_hash(uint32_t market, enum map_of map, struct pm_text name)
{
    return pm_hash(name.bytes, name.length, (uint64_t)market << 8 | (uint64_t)map);
}

/* Hash of a client for exactly-once: who acts through it, and its number. */
static inline uint64_t client_hash(uint64_t role, struct pm_text actor, uint64_t client)
{
    return pm_hash(actor.bytes, actor.length, client ^ role << 56 ^ (uint64_t)MAP_CLIENTS);
}

/* Hash of who acts. */
static inline uint64_t actor_hash(uint64_t role, struct pm_text name)
{
    return pm_hash(name.bytes, name.length, role << 56 ^ (uint64_t)MAP_ACTORS);
}

/* Text of a name kept; it points into the name. After its first zero a name has only zeros, so its
 * length is found by halving. */
static inline struct pm_text name_text(const struct pm_name *name)
{
    uint32_t length = 0;
    for (uint32_t half = (PM_NAME_MAX + 1) / 2; half > 0; half /= 2)
        length += name->text[length + half - 1] != '\0' ? half : 0;
    return (struct pm_text){name->text, length};
}

#endif
