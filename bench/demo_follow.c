/*
 * demo_follow.c: what came of it: the daemon's events, as a broker's portal would watch them. Each
 * offer made is a provider asked, whose answer, or the lack of one, goes onto the diary.
 */
#include <stdlib.h>
#include <string.h>

#include "demo.h"

static void set_name(struct pm_name *out, const char *text)
{
    memset(out, 0, sizeof *out);
    snprintf(out->text, sizeof out->text, "%s", text);
}

static bool make_room(struct demo_run *run)
{
    if (run->offers < run->offers_room)
        return true;
    size_t room = run->offers_room != 0 ? run->offers_room * 2 : 256;
    struct demo_offer *offer = realloc(run->offer, room * sizeof *offer);
    if (offer == NULL)
        return demo_say("out of memory.");
    run->offer = offer;
    run->offers_room = room;
    return true;
}

static unsigned times_asked_before(const struct demo_run *run, const struct demo_offer *offer)
{
    unsigned times = 0;
    for (size_t at = offer->previous; at != 0; at = run->offer[at - 1].previous)
        times += strcmp(run->offer[at - 1].service.text, offer->service.text) == 0;
    return times;
}

/* The provider will answer, or not; in any case the offer runs out. */
static bool expect_answer(struct demo_run *run, size_t index)
{
    struct demo_offer *offer = &run->offer[index];
    const struct workload_arrival *arrival = run->package[offer->package].arrival;
    offer->answer = workload_answer(run->options->seed, arrival->kind, arrival->package.reference,
                                    pm_text(offer->service.text), times_asked_before(run, offer));
    if (offer->answer.says != WORKLOAD_KEEPS_SILENT &&
        !demo_note(&run->diary, offer->made + offer->answer.delay, DEMO_ANSWER, index))
        return false;
    return demo_note(&run->diary, offer->deadline + 1, DEMO_EXPIRY, index);
}

static bool offer_made(struct demo_run *run, struct demo_package *package, const json_t *event)
{
    if (!make_room(run))
        return false;
    struct demo_offer *offer = &run->offer[run->offers++];
    *offer = (struct demo_offer){.id = (uint64_t)demo_number(event, "offer"),
                                 .package = (size_t)(package - run->package),
                                 .previous = package->offer,
                                 .made = demo_number(event, "time"),
                                 .deadline = demo_number(event, "deadline"),
                                 .state = PM_OFFER_OPEN};
    set_name(&offer->service, demo_text(event, "service"));
    set_name(&offer->provider, demo_text(event, "provider"));
    package->state = PM_OFFERED;
    package->offer = run->offers;
    if (package->asked == 0)
        package->asked = offer->made;
    run->open++;
    return expect_answer(run, run->offers - 1);
}

/* Several may be live at once. NULL when it was never made. */
static struct demo_offer *find_offer(struct demo_run *run, const struct demo_package *package,
                                     const json_t *event)
{
    uint64_t id = (uint64_t)demo_number(event, "offer");
    for (size_t at = package->offer; at != 0; at = run->offer[at - 1].previous)
        if (run->offer[at - 1].id == id)
            return &run->offer[at - 1];
    return NULL;
}

/* A live offer of a package has another state. */
static bool offer_changed(struct demo_run *run, struct demo_package *package, const json_t *event,
                          enum pm_offer_state state)
{
    struct demo_offer *offer = find_offer(run, package, event);
    if (offer == NULL || (offer->state != PM_OFFER_OPEN && offer->state != PM_OFFER_TENDERED))
        return demo_say("an event is of an offer that is not live.");
    run->open -= offer->state == PM_OFFER_OPEN;
    offer->state = state;
    return true;
}

/* The family decides within a day. */
static bool choosing(struct demo_run *run, struct demo_package *package, const json_t *event)
{
    enum { TO_DECIDE = 20 * 3600 * 1000 }; /* ms */
    package->state = PM_CHOOSING;
    return demo_note(&run->diary, demo_number(event, "time") + TO_DECIDE, DEMO_CHOICE,
                     (size_t)(package - run->package));
}

static bool placed(struct demo_run *run, struct demo_package *package, const json_t *event)
{
    const struct demo_offer *offer = find_offer(run, package, event);
    package->state = PM_PLACED;
    package->placed = demo_number(event, "time");
    package->last_resort =
        offer == NULL || (offer->state != PM_OFFER_ACCEPTED && offer->state != PM_OFFER_WON);
    return true;
}

static int offer_state_of(const char *what)
{
    static const char prefix[] = "offer_";
    if (strncmp(what, prefix, strlen(prefix)) != 0)
        return -1;
    for (int state = PM_OFFER_ACCEPTED; state < PM_OFFER_STATES; state++)
        if (strcmp(what + strlen(prefix), pm_offer_state_name((unsigned)state)) == 0)
            return state;
    return -1;
}

static bool take_in(struct demo_run *run, const json_t *event)
{
    const char *what = demo_text(event, "event");
    long index = workload_find(run->workload, pm_text(demo_text(event, "reference")));
    if (index < 0)
        return true; /* of something else */
    struct demo_package *package = &run->package[index];
    if (strcmp(what, "offer_made") == 0)
        return offer_made(run, package, event);
    int state = offer_state_of(what);
    if (state >= 0)
        return offer_changed(run, package, event, (enum pm_offer_state)state);
    if (strcmp(what, "package_choosing") == 0)
        return choosing(run, package, event);
    if (strcmp(what, "placement_agreed") == 0)
        return placed(run, package, event);
    if (strcmp(what, "package_waiting") == 0)
        package->state = PM_WAITING;
    return true;
}

bool demo_follow(struct demo_run *run)
{
    bool more = true;
    while (more) {
        struct pm_command watch = {.verb = PM_WATCH,
                                   .watch = {.cursor = run->cursor, .limit = PM_ROWS_MAX}};
        json_t *body = demo_ask(run->link, demo_broker, &watch);
        if (body == NULL)
            return false;
        const json_t *events = json_object_get(body, "events");
        bool good = true;
        for (size_t i = 0; good && i < json_array_size(events); i++)
            good = take_in(run, json_array_get(events, i));
        more = json_array_size(events) == PM_ROWS_MAX;
        run->cursor = (uint64_t)demo_number(body, "cursor");
        json_decref(body);
        if (!good)
            return false;
    }
    return true;
}
