/* model_find.c - names and ids, searched from end to end. */
#include "tests/lib/model.h"

#include <string.h>

struct pm_name model_name(struct pm_text text)
{
    struct pm_name name = {{0}};
    if (text.length > 0 && text.length <= PM_NAME_MAX)
        memcpy(name.text, text.bytes, text.length);
    return name;
}

bool model_same(const struct pm_name *a, const struct pm_name *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Printable, without spaces at its ends. */
bool model_name_is_good(struct pm_text text, uint32_t most)
{
    if (text.length == 0 || text.length > most || text.bytes[0] == ' ' ||
        text.bytes[text.length - 1] == ' ')
        return false;
    for (uint32_t i = 0; i < text.length; i++)
        if ((unsigned char)text.bytes[i] < ' ' || text.bytes[i] == 0x7f)
            return false;
    return true;
}

#define FIND(thing, list, count)                                           \
    int model_find_##thing(const struct model *model, struct pm_text text) \
    {                                                                      \
        for (int i = 0; i < model->count; i++)                             \
            if (pm_text_equal(pm_text(model->list[i].name.text), text))    \
                return i;                                                  \
        return MODEL_NONE;                                                 \
    }
FIND(provider, provider, providers)
FIND(location, location, locations)
FIND(pool, pool, pools)
FIND(service, service, services)
#undef FIND

int model_find_offer(const struct model *model, uint64_t id)
{
    for (int o = model->offers - 1; o >= 0; o--)
        if (model->offer[o].id == id)
            return o;
    return MODEL_NONE;
}

int model_find_placement(const struct model *model, uint64_t id)
{
    for (int l = model->placements - 1; l >= 0; l--)
        if (model->placement[l].id == id)
            return l;
    return MODEL_NONE;
}

int model_find_package(const struct model *model, uint64_t id)
{
    for (int p = 0; p < model->packages; p++)
        if (!model->package[p].gone && model->package[p].id == id)
            return p;
    return MODEL_NONE;
}

/* The place of a name in a list of the rules whose records are so far apart. */
static int position(const void *first, size_t stride, unsigned count, struct pm_text name)
{
    const char *at = first;
    for (unsigned i = 0; i < count; i++, at += stride)
        if (strlen(at) == name.length && memcmp(at, name.bytes, name.length) == 0)
            return (int)i;
    return MODEL_NONE;
}

int model_kind(const struct model *model, struct pm_text name)
{
    return position(model->rules.kind, sizeof model->rules.kind[0], model->rules.kinds, name);
}

int model_locality(const struct model *model, struct pm_text name)
{
    return position(model->rules.locality, sizeof model->rules.locality[0], model->rules.localities,
                    name);
}

int model_capability(const struct model *model, struct pm_text name)
{
    return position(model->rules.capability, sizeof model->rules.capability[0],
                    model->rules.capabilities, name);
}

int model_lot(const struct model *model, struct pm_text name)
{
    return position(model->rules.lot, sizeof model->rules.lot[0], model->rules.lots, name);
}

static int by_prefix(const struct model *model, uint64_t code)
{
    for (unsigned p = 0; p < model->rules.prefixes; p++)
        if (model->rules.prefix[p].code == code)
            return model->rules.prefix[p].locality;
    return MODEL_NONE;
}

int model_locality_of(const struct model *model, uint64_t postcode)
{
    int found = by_prefix(model, postcode);
    if (found == MODEL_NONE && pm_postcode_sector(postcode) != 0)
        found = by_prefix(model, pm_postcode_sector(postcode));
    return found != MODEL_NONE ? found : by_prefix(model, pm_postcode_district(postcode));
}

int model_location_of(const struct model *model, int service)
{
    return model->pool[model->service[service].pool].location;
}

int model_provider_of(const struct model *model, int service)
{
    return model->location[model_location_of(model, service)].provider;
}

bool model_is_over(const struct model_package *p)
{
    return p->state == PM_ENDED || p->state == PM_WITHDRAWN;
}

bool model_is_due(const struct model *model, const struct model_package *p)
{
    return p->ended != 0 && p->ended + model->rules.keep_days * MODEL_DAY < model->time;
}

int model_named(const struct model *model, struct pm_text reference, struct pm_text referrer,
                int *status)
{
    int found = MODEL_NONE;
    if (model->entry->actor.role == PM_HOSPITAL)
        referrer = model->entry->actor.name;
    *status = PM_UNKNOWN_PACKAGE;
    for (int i = 0; i < model->packages; i++) {
        const struct model_package *p = &model->package[i];
        if (p->gone || !pm_text_equal(pm_text(p->reference.text), reference) ||
            (referrer.length != 0 && !pm_text_equal(pm_text(p->referrer.text), referrer)))
            continue;
        if (found != MODEL_NONE) {
            *status = PM_AMBIGUOUS_REFERENCE;
            return MODEL_NONE;
        }
        found = i;
        *status = PM_OK;
    }
    return found;
}
