/* event.c - events of the current command, and their description for those who watch. */
#include "event.h"

#include <assert.h>

#include "offer.h"
#include "state.h"

struct pm_event *event_add(struct pm_core *core, enum pm_event_kind kind, uint32_t market)
{
    assert(core->event_count < PM_EVENTS_MAX);
    struct pm_event *event = &core->events[core->event_count++];
    *event = (struct pm_event){.kind = (uint8_t)kind, .market = market};
    return event;
}

const struct pm_event *pm_core_events(const struct pm_core *core, size_t *count)
{
    *count = core->event_count;
    return core->events;
}

static void describe_names(const struct pm_core *core, const struct pm_event *event,
                           struct pm_event_record *out)
{
    if (event->market != 0)
        out->market = market_at(core, event->market)->rules.name;
    if (event->package != 0) {
        out->reference = package_detail_at(core, event->package)->reference;
        out->referrer = package_detail_at(core, event->package)->referrer;
    }
    if (event->service != 0)
        out->service = service_detail_at(core, event->service)->name;
    if (event->provider != 0)
        out->provider = provider_detail_at(core, event->provider)->name;
    if (event->pool != 0)
        out->pool = pool_detail_at(core, event->pool)->name;
}

static void describe_offer(const struct pm_core *core, const struct pm_event *event,
                           struct pm_event_record *out)
{
    if (event->offer != 0) {
        const struct offer *offer = offer_at(core, event->offer);
        out->rate = offer->rate;
        /* Of one that is over, what is due is another's. */
        out->deadline = offer_is_live(offer) ? package_at(core, offer->package)->due : 0;
    } else if (event->placement != 0) {
        out->rate = placement_at(core, event->placement)->rate;
    }
}

void pm_event_describe(const struct pm_core *core, const struct pm_event *event, uint32_t position,
                       struct pm_event_record *out)
{
    *out = (struct pm_event_record){
        .sequence = core->header.sequence,
        .time = core->header.time,
        .package = id_of(core, TABLE_PACKAGES, event->package),
        .offer = id_of(core, TABLE_OFFERS, event->offer),
        .placement = id_of(core, TABLE_PLACEMENTS, event->placement),
        .round = id_of(core, TABLE_ROUNDS, event->round),
        .position = position,
        .kind = event->kind,
        .code = event->code,
    };
    describe_names(core, event, out);
    describe_offer(core, event, out);
}
