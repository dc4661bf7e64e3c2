/* history_spoil.c - one mistake in a command that was sensible, so that each refusal comes about.
 */
#include "tests/lib/history.h"

#define below history_below

static void spoil_lists(struct history *h, struct pm_service_put *put)
{
    struct pm_text *name = history_memory(h, 1, sizeof *name);
    uint64_t *sector = history_memory(h, 1, sizeof *sector);
    *name = pm_text("nothing");
    switch (below(h, 4)) {
    case 0:
        put->capability = name;
        put->capabilities = 1;
        break;
    case 1:
        put->locality = name;
        put->localities = 1;
        break;
    case 2:
        *sector = pm_postcode_parse(pm_text(below(h, 2) == 0 ? "QX1" : "AB1 2"));
        put->sector = sector;
        put->sectors = 1;
        break;
    default:
        put->localities = put->sectors = 0;
        break;
    }
}

static void spoil_rates(struct history *h, struct pm_service_put *put)
{
    struct pm_rate *rate = history_memory(h, 2, sizeof *rate);
    rate[0] = rate[1] = put->rate[0];
    put->rate = rate;
    put->rates = (uint8_t)(2 * below(h, 2));
    if (below(h, 3) == 0)
        rate[0].pence = 7;
}

static void spoil_service(struct history *h, struct pm_service_put *put)
{
    switch (below(h, 8)) {
    case 0:
        put->lot = pm_text("nothing");
        break;
    case 1:
        put->tier = (uint8_t)(9 * below(h, 2));
        break;
    case 2:
        put->contract = 9;
        break;
    case 3:
        put->kind = pm_text(below(h, 2) == 0 ? "residential" : "homecare");
        break;
    case 4:
        put->pool = history_text(h, "o%u", below(h, 8));
        break;
    case 5:
        spoil_rates(h, put);
        break;
    default:
        spoil_lists(h, put);
        break;
    }
}

static void spoil_visit(struct history *h, struct pm_package *p)
{
    struct pm_visit *visit = history_memory(h, 16, sizeof *visit);
    p->visit = visit;
    p->visits = 1;
    visit[0] = (struct pm_visit){480, 600, 30, 0x1f, 1, 0, 0};
    switch (below(h, 4)) {
    case 0:
        visit[0].minutes = 3;
        break;
    case 1: /* at night */
        visit[0].earliest = 60;
        visit[0].latest = 120;
        break;
    case 2: /* all day, with two carers, again and again */
        for (p->visits = 0; p->visits < 16; p->visits++)
            visit[p->visits] = (struct pm_visit){420, 1320, 720, 0x7f, 2, 0, 0};
        break;
    default:
        p->visits = 0;
        break;
    }
}

static void spoil_package(struct history *h, struct pm_package *p)
{
    struct pm_text *name = history_memory(h, 1, sizeof *name);
    *name = pm_text("nothing");
    switch (below(h, 8)) {
    case 0:
        p->need = name;
        p->needs = 1;
        break;
    case 1:
        p->exclusion = name;
        p->exclusions = 1;
        break;
    case 2:
        p->postcode = PM_POSTCODE_BAD;
        break;
    case 3:
        p->kind = *name;
        break;
    case 4:
        p->referrer = history_text(h, " %u", below(h, 3));
        break;
    case 5:
        p->follows = *name;
        break;
    default:
        if (p->place_type.length != 0)
            p->place_type = *name;
        else
            spoil_visit(h, p);
        break;
    }
}

void history_spoil(struct history *h, struct pm_command *command)
{
    switch (command->verb) {
    case PM_SERVICE_PUT:
        spoil_service(h, &command->service);
        break;
    case PM_POOL_PUT:
        command->pool.location = history_text(h, "l%u", below(h, 9));
        break;
    case PM_LOCATION_PUT:
        command->location.provider = history_text(h, "p%u", below(h, 9));
        break;
    case PM_PROVIDER_PUT:
        command->provider.standing = (uint8_t)(4 * below(h, 2));
        break;
    case PM_CAPACITY_SET:
        command->capacity.bands = (uint8_t)below(h, 9);
        break;
    case PM_PACKAGE_POST:
    case PM_PACKAGE_AMEND:
        spoil_package(h, &command->package);
        break;
    default:
        break;
    }
}
