/* find.c - records by name, within a market. */
#include "find.h"

#include <string.h>

#include "fetch.h"
#include "names.h"

/* A word with this in each byte. */
#define EACH(byte) (UINT64_MAX / 255 * (byte))

/* Is one of the eight bytes below 0x20, or 0x7f? What is 0x7f becomes 0, which is below 1. */
static bool has_control(uint64_t word)
{
    uint64_t deleted = word ^ EACH(0x7f);
    uint64_t below = (word - EACH(0x20)) & ~word, erased = (deleted - EACH(1)) & ~deleted;
    return ((below | erased) & EACH(0x80)) != 0;
}

/* Eight bytes at a time, or else four, the last of them over again if need be. */
static bool printable(struct pm_text text)
{
    bool control = false;
    if (text.length >= 8) {
        for (uint32_t at = 0; at + 8 < text.length; at += 8)
            control |= has_control(word_at(text.bytes + at));
        return !control && !has_control(word_at(text.bytes + text.length - 8));
    }
    if (text.length >= 4)
        return !has_control((uint64_t)half_word_at(text.bytes) << 32 |
                            half_word_at(text.bytes + text.length - 4));
    for (uint32_t i = 0; i < text.length; i++)
        control |= (unsigned char)text.bytes[i] < 0x20 || text.bytes[i] == 0x7f;
    return !control;
}

static inline bool is_label(struct pm_text text, uint32_t length_max)
{
    return text.length > 0 && text.length <= length_max && text.bytes[0] != ' ' &&
           text.bytes[text.length - 1] != ' ' && printable(text);
}

bool name_is_good(struct pm_text text)
{
    return is_label(text, PM_NAME_MAX);
}

bool token_is_good(struct pm_text text)
{
    return is_label(text, PM_TITLE_MAX);
}

void name_set(struct pm_name *name, struct pm_text text)
{
    memset(name, 0, sizeof *name);
    if (text.length > 0)
        memcpy(name->text, text.bytes, text.length);
}

void title_set(struct pm_title *title, struct pm_text text)
{
    uint32_t length = text.length;
    if (length > PM_TITLE_MAX) /* back to the first byte of the character cut through */
        for (length = PM_TITLE_MAX;
             length > 0 && ((unsigned char)text.bytes[length] & 0xc0) == 0x80;)
            length--;
    memset(title, 0, sizeof *title);
    if (length > 0)
        memcpy(title->text, text.bytes, length);
}

static __attribute__((noinline)) uint32_t search_market(const struct pm_core *core,
                                                        struct pm_text name)
{
    const struct map *map = &core->map[MAP_MARKETS];
    struct map_cursor c = map_first(map, name_hash(0, MAP_MARKETS, name));
    while (c.slot != 0 && !name_is(&market_at(core, c.slot)->rules.name, name))
        c = map_more(map, c);
    return c.slot;
}

uint32_t find_market(const struct pm_core *core, struct pm_text name)
{
    const struct market *noted = market_at(core, core->market_noted);
    if (noted->row.next_free == ROW_USED && name_is(&noted->rules.name, name))
        return core->market_noted;
    return search_market(core, name);
}

uint32_t find_provider(const struct pm_core *core, uint32_t market, struct pm_text name)
{
    const struct map *map = &core->map[MAP_PROVIDERS];
    struct map_cursor c = map_first(map, name_hash(market, MAP_PROVIDERS, name));
    while (c.slot != 0 && !(provider_at(core, c.slot)->market == market &&
                            name_is(&provider_detail_at(core, c.slot)->name, name)))
        c = map_more(map, c);
    return c.slot;
}

uint32_t find_location(const struct pm_core *core, uint32_t market, struct pm_text name)
{
    const struct map *map = &core->map[MAP_LOCATIONS];
    struct map_cursor c = map_first(map, name_hash(market, MAP_LOCATIONS, name));
    while (c.slot != 0 && !(location_at(core, c.slot)->market == market &&
                            name_is(&location_detail_at(core, c.slot)->name, name)))
        c = map_more(map, c);
    return c.slot;
}

uint32_t find_pool(const struct pm_core *core, uint32_t market, struct pm_text name)
{
    const struct map *map = &core->map[MAP_POOLS];
    struct map_cursor c = map_first(map, name_hash(market, MAP_POOLS, name));
    while (c.slot != 0 && !(pool_at(core, c.slot)->market == market &&
                            name_is(&pool_detail_at(core, c.slot)->name, name)))
        c = map_more(map, c);
    return c.slot;
}

uint32_t find_service(const struct pm_core *core, uint32_t market, struct pm_text name)
{
    const struct map *map = &core->map[MAP_SERVICES];
    struct map_cursor c = map_first(map, name_hash(market, MAP_SERVICES, name));
    while (c.slot != 0 && !(service_at(core, c.slot)->market == market &&
                            name_is(&service_detail_at(core, c.slot)->name, name)))
        c = map_more(map, c);
    return c.slot;
}

/* Whoever names a package is about to read most of it, and it may be long since anybody did. */
FETCHING void fetch_parts(const struct pm_core *core, uint32_t slot)
{
    const struct package *package = package_at(core, slot);
    fetch(placement_at(core, package->placement), sizeof(struct placement));
    fetch(offer_at(core, package->first_offer), sizeof(struct offer));
    fetch(visits_at(core, package_detail_at(core, slot)->first_visits), sizeof(struct visits));
}

struct found_package find_package(const struct pm_core *core, uint32_t market,
                                  struct pm_text reference, struct pm_text referrer,
                                  struct pm_actor actor)
{
    const struct map *map = &core->map[MAP_PACKAGES];
    struct found_package found = {PM_UNKNOWN_PACKAGE, 0};
    if (actor.role == PM_HOSPITAL)
        referrer = actor.name;
    struct map_cursor c = map_first(map, name_hash(market, MAP_PACKAGES, reference));
    for (; c.slot != 0; c = map_more(map, c)) {
        const struct package_detail *detail = package_detail_at(core, c.slot);
        if (package_at(core, c.slot)->market != market || !name_is(&detail->reference, reference) ||
            (referrer.length != 0 && !name_is(&detail->referrer, referrer)))
            continue;
        if (found.package != 0)
            return (struct found_package){PM_AMBIGUOUS_REFERENCE, 0};
        fetch_parts(core, c.slot);
        found = (struct found_package){PM_OK, c.slot};
    }
    return found;
}

int find_kind(const struct pm_market *rules, struct pm_text name)
{
    for (int i = 0; i < rules->kinds; i++)
        if (name_is(&rules->kind[i].name, name))
            return i;
    return -1;
}

int find_locality(const struct pm_market *rules, struct pm_text name)
{
    for (int i = 0; i < rules->localities; i++)
        if (name_is(&rules->locality[i].name, name))
            return i;
    return -1;
}

int find_capability(const struct pm_market *rules, struct pm_text name)
{
    for (int i = 0; i < rules->capabilities; i++)
        if (name_is(&rules->capability[i], name))
            return i;
    return -1;
}

int find_lot(const struct pm_market *rules, struct pm_text name)
{
    for (int i = 0; i < rules->lots; i++)
        if (name_is(&rules->lot[i].name, name))
            return i;
    return -1;
}

/* The prefixes of a market in the core are sorted by code. */
static int find_prefix(const struct pm_market *rules, uint64_t code)
{
    int low = 0, high = rules->prefixes;
    while (low < high) {
        int middle = (low + high) / 2;
        if (rules->prefix[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rules->prefixes && rules->prefix[low].code == code ? rules->prefix[low].locality
                                                                    : -1;
}

int find_postcode(const struct pm_market *rules, uint64_t code)
{
    int locality = find_prefix(rules, code);
    if (locality < 0 && pm_postcode_sector(code) != 0)
        locality = find_prefix(rules, pm_postcode_sector(code));
    return locality >= 0 ? locality : find_prefix(rules, pm_postcode_district(code));
}
