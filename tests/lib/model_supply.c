/* model_supply.c - providers, locations, pools, services, capacity and rules, as the model keeps
 * them. */
#include "tests/lib/model.h"

#include <string.h>

#define FIND(thing, list, count)                                                   \
    static int find_##thing(const struct model *model, const struct pm_name *name) \
    {                                                                              \
        for (int i = 0; i < model->count; i++)                                     \
            if (model_same(&model->list[i].name, name))                            \
                return i;                                                          \
        return MODEL_NONE;                                                         \
    }
FIND(provider, provider, providers)
FIND(location, location, locations)
FIND(pool, pool, pools)
FIND(service, service, services)
#undef FIND

int model_find_service(const struct model *model, const struct pm_name *name)
{
    return find_service(model, name);
}

int model_find_pool(const struct model *model, const struct pm_name *name)
{
    return find_pool(model, name);
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

int model_locality_of(const struct model *model, uint64_t sector)
{
    int found = MODEL_NONE;
    for (unsigned p = 0; p < model->rules.prefixes; p++) {
        uint64_t code = model->rules.prefix[p].code;
        if (code == sector)
            return model->rules.prefix[p].locality;
        if (code == pm_postcode_district(sector))
            found = model->rules.prefix[p].locality;
    }
    return found;
}

static void provider(struct model *model, const struct pm_provider_put *put)
{
    struct pm_name name = model_name(put->provider);
    int at = find_provider(model, &name);
    if (at == MODEL_NONE)
        at = model->providers++;
    model->provider[at] = (struct model_provider){name, put->standing};
}

static void location(struct model *model, const struct pm_location_put *put)
{
    struct pm_name name = model_name(put->location), of = model_name(put->provider);
    int at = find_location(model, &name);
    if (at == MODEL_NONE)
        at = model->locations++;
    model->location[at] = (struct model_location){name, find_provider(model, &of), put->standing,
                                                  put->rating, put->score};
}

static void pool(struct model *model, const struct pm_pool_put *put)
{
    struct pm_name name = model_name(put->pool), of = model_name(put->location);
    int at = find_pool(model, &name);
    if (at == MODEL_NONE) {
        at = model->pools++;
        memset(&model->pool[at], 0, sizeof model->pool[at]);
        model->pool[at].name = name;
        model->pool[at].location = find_location(model, &of);
        model->pool[at].kind = (uint8_t)model_kind(model, put->kind);
    }
    struct model_pool *p = &model->pool[at];
    bool stands = p->stated != 0 && p->capacity == MODEL_DECLARED;
    if (p->mode != put->mode && !stands)
        p->capacity = put->mode == PM_DECLARED ? MODEL_DECLARED : MODEL_ASK;
    p->mode = put->mode;
}

static void service(struct model *model, const struct pm_service_put *put)
{
    struct pm_name name = model_name(put->service), of = model_name(put->pool);
    int at = find_service(model, &name);
    if (at == MODEL_NONE)
        at = model->services++;
    struct model_service *s = &model->service[at];
    *s = (struct model_service){.name = name,
                                .pool = find_pool(model, &of),
                                .kind = (uint8_t)model_kind(model, put->kind),
                                .lot = (uint8_t)model_lot(model, put->lot),
                                .tier = put->tier,
                                .standing = put->standing,
                                .sectors = put->sectors,
                                .rates = put->rates};
    for (unsigned i = 0; i < put->localities; i++)
        s->localities |= model_bit(model_locality(model, put->locality[i]));
    for (unsigned i = 0; i < put->capabilities; i++)
        s->capabilities |= model_bit(model_capability(model, put->capability[i]));
    for (unsigned i = 0; i < put->sectors; i++)
        s->sector[i] = put->sector[i];
    for (unsigned i = 0; i < put->rates; i++)
        s->rate[i] = put->rate[i];
}

static void capacity(struct model *model, const struct pm_capacity_set *set)
{
    struct pm_name name = model_name(set->pool);
    int at = find_pool(model, &name);
    struct model_taken taken;
    model_taken(model, at, &taken);
    for (unsigned b = 0; b < set->bands; b++)
        model->pool[at].declared[b] = set->spare[b] + taken.committed[b] + taken.held[b];
    model->pool[at].stated = model->time;
    model->pool[at].capacity = MODEL_DECLARED;
}

void model_supply(struct model *model, const struct pm_command *command)
{
    if (model->providers == MODEL_SUPPLY || model->locations == MODEL_SUPPLY ||
        model->pools == MODEL_SUPPLY || model->services == MODEL_SUPPLY)
        model_fail(model, "the model is full");
    else if (command->verb == PM_PROVIDER_PUT)
        provider(model, &command->provider);
    else if (command->verb == PM_LOCATION_PUT)
        location(model, &command->location);
    else if (command->verb == PM_POOL_PUT)
        pool(model, &command->pool);
    else if (command->verb == PM_SERVICE_PUT)
        service(model, &command->service);
    else if (command->verb == PM_CAPACITY_SET)
        capacity(model, &command->capacity);
}

void model_load(struct model *model, const struct pm_load *load)
{
    model->rules = *load->market;
    model->loaded = true;
    for (uint32_t i = 0; i < load->supplies; i++)
        model_supply(model, &load->supply[i]);
}
