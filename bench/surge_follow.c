/*
 * surge_follow.c: what came of it, by the daemon's events. Each offer made is a provider asked,
 * whose answer, or the lack of one, goes onto the diary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "surge.h"

static const char *text_of(const json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text != NULL ? text : "";
}

static int64_t number_of(const json_t *map, const char *key)
{
    return json_integer_value(json_object_get(map, key));
}

static struct pm_name name_of(const json_t *map, const char *key)
{
    struct pm_name name = {""};
    snprintf(name.text, sizeof name.text, "%s", text_of(map, key));
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

static bool offer_made(struct surge_run *run, struct surge_package *package, const json_t *event)
{
    if (!make_room(run))
        return false;
    int64_t made = number_of(event, "time");
    run->offer[run->offers++] = (struct surge_offer){.id = (uint64_t)number_of(event, "offer"),
                                                     .package = (size_t)(package - run->package),
                                                     .previous = package->offer,
                                                     .deadline = number_of(event, "deadline"),
                                                     .service = name_of(event, "service"),
                                                     .provider = name_of(event, "provider"),
                                                     .learned_ns = bench_now_ns(),
                                                     .state = PM_OFFER_OPEN};
    set_state(run, package, PM_OFFERED, false);
    package->offer = run->offers;
    if (package->asked == 0)
        package->asked = made;
    return expect_answer(run, run->offers - 1, made);
}

static void offer_changed(struct surge_run *run, const struct surge_package *package,
                          const json_t *event, uint8_t state)
{
    uint64_t id = (uint64_t)number_of(event, "offer");
    size_t at = package->offer;
    while (at != 0 && run->offer[at - 1].id != id)
        at = run->offer[at - 1].previous;
    if (at != 0)
        run->offer[at - 1].state = state;
    else
        run->faults.differing++;
}

/* The family decides within a day. */
static bool choosing(struct surge_run *run, struct surge_package *package, const json_t *event)
{
    enum { TO_DECIDE = 20 * 3600 * 1000 }; /* ms */
    set_state(run, package, PM_CHOOSING, false);
    return diary_add(&run->diary, number_of(event, "time") + TO_DECIDE, SURGE_CHOICE,
                     (size_t)(package - run->package)) ||
           surge_say("out of memory.");
}

static void agreed(struct surge_run *run, struct surge_package *package, const json_t *event)
{
    run->faults.doubled += package->placement != 0;
    package->placement = (uint64_t)number_of(event, "placement");
    set_state(run, package, PM_PLACED, false);
    if (package->placed == 0)
        package->placed = number_of(event, "time");
}

static void ended(struct surge_run *run, struct surge_package *package, const json_t *event)
{
    if ((uint64_t)number_of(event, "placement") != package->placement) {
        run->faults.differing++;
        return;
    }
    package->placement = 0;
    package->again++;
    if (package->state == PM_PLACED)
        set_state(run, package, PM_OPEN, false);
}

static int offer_state_of(const char *what)
{
    static const char prefix[] = "offer_";
    if (strncmp(what, prefix, strlen(prefix)) != 0)
        return -1;
    return pm_name_parse(pm_offer_state_name, pm_text(what + strlen(prefix)));
}

static bool package_event(struct surge_run *run, struct surge_package *package, const char *what,
                          const json_t *event)
{
    int state = offer_state_of(what);
    if (strcmp(what, "offer_made") == 0)
        return offer_made(run, package, event);
    if (strcmp(what, "package_choosing") == 0)
        return choosing(run, package, event);
    if (state >= 0)
        offer_changed(run, package, event, (uint8_t)state);
    else if (strcmp(what, "placement_agreed") == 0)
        agreed(run, package, event);
    else if (strcmp(what, "placement_ended") == 0)
        ended(run, package, event);
    else if (strcmp(what, "package_posted") == 0)
        package->arrived = number_of(event, "time");
    else if (strcmp(what, "package_gathered") == 0)
        set_state(run, package, PM_OPEN, true);
    else if (strcmp(what, "package_waiting") == 0)
        set_state(run, package, PM_WAITING, false);
    return true;
}

bool surge_follow(struct surge_run *run, uint32_t market, const json_t *body)
{
    size_t at;
    const json_t *event;
    json_array_foreach(json_object_get(body, "events"), at, event)
    {
        const char *what = text_of(event, "event");
        long index = surge_find(&run->plan->market[market], run->plan->options->days,
                                pm_text(text_of(event, "reference")));
        run->rounds_opened += strcmp(what, "round_opened") == 0;
        run->rounds_done +=
            strcmp(what, "round_applied") == 0 || strcmp(what, "round_abandoned") == 0;
        if (index >= 0 && !package_event(run, &run->package[index], what, event))
            return false;
    }
    run->cursor[market] = (uint64_t)number_of(body, "cursor");
    return true;
}
