/*
 * surge_follow.c: what came of it, by the daemon's events. Each offer made is a provider asked,
 * whose answer, or the lack of one, goes onto the diary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "surge.h"

static struct pm_name name_of(struct pm_text text)
{
    struct pm_name name = {""};
    memcpy(name.text, text.bytes,
           text.length < sizeof name.text ? text.length : sizeof name.text - 1);
    return name;
}

static void set_state(struct surge_run *run, struct surge_package *package, uint8_t state,
                      bool gathered)
{
    run->gathered[package->market] += (uint32_t)gathered - (uint32_t)package->gathered;
    package->gathered = gathered;
    package->state = state;
}

static bool make_room(struct surge_run *run)
{
    if (run->offers < run->offers_room)
        return true;
    size_t room = run->offers_room != 0 ? run->offers_room * 2 : 4096;
    struct surge_offer *offer = realloc(run->offer, room * sizeof *offer);
    if (offer == NULL)
        return surge_say("out of memory.");
    run->offer = offer;
    run->offers_room = room;
    return true;
}

static unsigned times_asked_before(const struct surge_run *run, const struct surge_offer *offer)
{
    unsigned times = 0;
    for (size_t at = offer->previous; at != 0; at = run->offer[at - 1].previous)
        times += strcmp(run->offer[at - 1].service.text, offer->service.text) == 0;
    return times;
}

/* The provider will answer, or not. It says the same of the same package in every replay. */
static bool expect_answer(struct surge_run *run, size_t index, int64_t made)
{
    struct surge_offer *offer = &run->offer[index];
    const struct surge_package *package = &run->package[offer->package];
    offer->answer = workload_answer(run->plan->options->seed + package->market,
                                    package->arrival->kind, package->arrival->package.reference,
                                    pm_text(offer->service.text), times_asked_before(run, offer));
    return offer->answer.says == WORKLOAD_KEEPS_SILENT ||
           diary_add(&run->diary, made + offer->answer.delay, SURGE_ANSWER, index) ||
           surge_say("out of memory.");
}

static bool offer_made(struct surge_run *run, struct surge_package *package,
                       const struct pm_told_event *event)
{
    if (!make_room(run))
        return false;
    int64_t made = event->time;
    run->offer[run->offers++] = (struct surge_offer){.id = event->offer,
                                                     .package = (size_t)(package - run->package),
                                                     .previous = package->offer,
                                                     .deadline = event->deadline,
                                                     .service = name_of(event->service),
                                                     .provider = name_of(event->provider),
                                                     .learned_ns = bench_now_ns(),
                                                     .state = PM_OFFER_OPEN};
    set_state(run, package, PM_OFFERED, false);
    package->offer = run->offers;
    if (package->asked == 0)
        package->asked = made;
    return expect_answer(run, run->offers - 1, made);
}

static void offer_changed(struct surge_run *run, const struct surge_package *package,
                          const struct pm_told_event *event, uint8_t state)
{
    uint64_t id = event->offer;
    size_t at = package->offer;
    while (at != 0 && run->offer[at - 1].id != id)
        at = run->offer[at - 1].previous;
    if (at != 0)
        run->offer[at - 1].state = state;
    else
        run->faults.differing++;
}

/* The family decides within a day. */
static bool choosing(struct surge_run *run, struct surge_package *package,
                     const struct pm_told_event *event)
{
    enum { TO_DECIDE = 20 * 3600 * 1000 }; /* ms */
    set_state(run, package, PM_CHOOSING, false);
    return diary_add(&run->diary, event->time + TO_DECIDE, SURGE_CHOICE,
                     (size_t)(package - run->package)) ||
           surge_say("out of memory.");
}

static void agreed(struct surge_run *run, struct surge_package *package,
                   const struct pm_told_event *event)
{
    run->faults.doubled += package->placement != 0;
    package->placement = event->placement;
    set_state(run, package, PM_PLACED, false);
    if (package->placed == 0)
        package->placed = event->time;
}

static void ended(struct surge_run *run, struct surge_package *package,
                  const struct pm_told_event *event)
{
    if (event->placement != package->placement) {
        run->faults.differing++;
        return;
    }
    package->placement = 0;
    package->again++;
    if (package->state == PM_PLACED)
        set_state(run, package, PM_OPEN, false);
}

static int offer_state_of(struct pm_text what)
{
    enum { PREFIX = sizeof "offer_" - 1 };
    if (what.length < PREFIX || memcmp(what.bytes, "offer_", PREFIX) != 0)
        return -1;
    return pm_name_parse(pm_offer_state_name,
                         (struct pm_text){what.bytes + PREFIX, what.length - PREFIX});
}

static bool package_event(struct surge_run *run, struct surge_package *package,
                          const struct pm_told_event *event)
{
    struct pm_text what = event->event;
    int state = offer_state_of(what);
    if (pm_text_equal(what, pm_text("offer_made")))
        return offer_made(run, package, event);
    if (pm_text_equal(what, pm_text("package_choosing")))
        return choosing(run, package, event);
    if (state >= 0)
        offer_changed(run, package, event, (uint8_t)state);
    else if (pm_text_equal(what, pm_text("placement_agreed")))
        agreed(run, package, event);
    else if (pm_text_equal(what, pm_text("placement_ended")))
        ended(run, package, event);
    else if (pm_text_equal(what, pm_text("package_posted")))
        package->arrived = event->time;
    else if (pm_text_equal(what, pm_text("package_gathered")))
        set_state(run, package, PM_OPEN, true);
    else if (pm_text_equal(what, pm_text("package_waiting")))
        set_state(run, package, PM_WAITING, false);
    return true;
}

static bool follow_one(struct surge_run *run, uint32_t market, const struct pm_told_event *event)
{
    run->followed++;
    run->rounds_opened += pm_text_equal(event->event, pm_text("round_opened"));
    run->rounds_done += pm_text_equal(event->event, pm_text("round_applied")) ||
                        pm_text_equal(event->event, pm_text("round_abandoned"));
    if (event->reference.length == 0)
        return true;
    long index = surge_find(&run->plan->market[market], run->plan->options->days, event->reference);
    return index < 0 || package_event(run, &run->package[index], event);
}

bool surge_follow(struct surge_run *run, uint32_t market, const struct pm_reply *reply)
{
    struct pm_events events;
    struct pm_told_event event;
    if (!pm_events_begin(reply, 0, &events))
        return surge_say("what a watch is answered is not read.");
    while (pm_events_next(&events, &event))
        if (!follow_one(run, market, &event))
            return false;
    run->cursor[market] = events.cursor;
    return !events.malformed || surge_say("an event is malformed.");
}
