/*
 * demo_run.c: the replay. Packages arrive, providers answer and offers run out at the times that
 * were drawn for them; before each, the daemon's clock is set, and after it what came of it is
 * read. One thing at a time, so that every run of the same day goes the same way.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demo.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR, DAYS_AFTER = 9 };

double demo_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool demo_move(struct demo_run *run, int64_t time)
{
    struct pm_command tick = {.verb = PM_TICK, .tick = {.time = time}};
    int64_t pending = 1;
    while (pending != 0) {
        json_t *body = demo_ask(run->link, demo_operator, &tick);
        if (body == NULL)
            return false;
        pending = demo_number(body, "pending");
        json_decref(body);
    }
    run->time = time;
    return true;
}

bool demo_note(struct diary *diary, int64_t at, enum demo_deed deed, size_t index)
{
    return diary_add(diary, at, deed, index) ? true : demo_say("out of memory.");
}

/* ---- Deeds ---- */

/* The hospital posts a package. */
static bool arrive(struct demo_run *run, size_t index)
{
    struct demo_package *package = &run->package[index];
    struct pm_actor ward = {.role = PM_HOSPITAL, .name = package->arrival->ward};
    struct pm_command post = {.verb = PM_PACKAGE_POST, .package = package->arrival->package};
    struct pm_result result;
    if (!demo_do(run->link, ward, &post, &result))
        return false;
    run->arrived++;
    package->posted = result.status;
    package->known = result.status == PM_OK;
    if (package->known)
        return true;
    struct pm_text reference = post.package.reference;
    demo_say("%.*s was refused: %s", (int)reference.length, reference.bytes,
             pm_status_sentence(result.status));
    return true;
}

/* A provider answers; too late is refused. */
static bool answer(struct demo_run *run, size_t index)
{
    struct demo_offer *offer = &run->offer[index];
    struct pm_actor provider = {.role = PM_PROVIDER, .name = pm_text(offer->provider.text)};
    struct pm_command command = {.answer = {.offer = offer->id, .code = offer->answer.code}};
    struct pm_result result;
    command.verb = offer->answer.says == WORKLOAD_ACCEPTS ? PM_OFFER_ACCEPT : PM_OFFER_DECLINE;
    if (!demo_do(run->link, provider, &command, &result))
        return false;
    offer->late = result.status == PM_OFFER_EXPIRED;
    /* Who was invited beside others holds nothing, and may be too dear for a spot offer. */
    bool in_vain = result.status == PM_CAPACITY_GONE || result.status == PM_BAD_TENDER;
    if (result.status != PM_OK && !offer->late && !in_vain)
        return demo_say("an answer to an open offer was refused: %s",
                        pm_status_sentence(result.status));
    return true;
}

/* The family chooses the best of the homes within the ceiling: they were invited best first. */
static bool choose(struct demo_run *run, size_t index)
{
    const struct demo_package *package = &run->package[index];
    struct pm_result result = {.status = PM_UNKNOWN_OFFER};
    for (size_t at = 0; at < run->offers && result.status != PM_OK; at++) {
        const struct demo_offer *offer = &run->offer[at];
        if (offer->package != index || offer->state != PM_OFFER_TENDERED)
            continue;
        struct pm_command command = {.verb = PM_CHOICE_RECORD,
                                     .choice = {.reference = package->arrival->package.reference,
                                                .referrer = package->arrival->ward,
                                                .offer = offer->id,
                                                .decided_by = PM_THE_FAMILY}};
        if (!demo_do(run->link, demo_broker, &command, &result))
            return false;
    }
    return true;
}

/* ---- Progress ---- */

static void count_states(const struct demo_run *run, size_t counts[3])
{
    counts[0] = counts[1] = counts[2] = 0;
    for (size_t i = 0; i < run->arrived; i++) {
        const struct demo_package *package = &run->package[i];
        counts[0] += package->known && package->state == PM_PLACED;
        counts[1] +=
            package->known && (package->state == PM_OFFERED || package->state == PM_CHOOSING);
        counts[2] += package->known && package->state == PM_WAITING;
    }
}

/* A line an hour of the day, then one in six hours; none when nothing has changed. */
static bool show_progress(struct demo_run *run, int64_t at)
{
    char clock[DEMO_CLOCK];
    size_t counts[3];
    if (demo_stopped(0))
        return demo_say("stopped.");
    count_states(run, counts);
    if (memcmp(counts, run->shown, sizeof counts) != 0) {
        fprintf(run->out, "  %s %8zu %8zu %8zu %8zu\n", demo_clock(at, clock), run->arrived,
                counts[0], counts[1], counts[2]);
        fflush(run->out);
        memcpy(run->shown, counts, sizeof counts);
    }
    if (run->arrived == run->packages && run->open == 0)
        return true;
    int64_t next = at + (at < run->begin + DAY ? 1 : 6) * (int64_t)HOUR;
    return demo_note(&run->diary, next, DEMO_PROGRESS, 0);
}

/* ---- The loop ---- */

static bool do_item(struct demo_run *run, const struct diary_item *item)
{
    bool over = item->deed == DEMO_EXPIRY && run->offer[item->index].state != PM_OFFER_OPEN;
    bool taken_back = item->deed == DEMO_ANSWER && run->offer[item->index].state != PM_OFFER_OPEN &&
                      run->offer[item->index].state != PM_OFFER_IS_EXPIRED;
    if (over || taken_back)
        return true;
    if (!demo_move(run, item->at) || !demo_follow(run))
        return false;
    switch (item->deed) {
    case DEMO_ARRIVAL:
        return arrive(run, item->index) && demo_follow(run);
    case DEMO_ANSWER:
        return answer(run, item->index) && demo_follow(run);
    case DEMO_CHOICE:
        return run->package[item->index].state != PM_CHOOSING ||
               (choose(run, item->index) && demo_follow(run));
    case DEMO_PROGRESS:
        return show_progress(run, item->at);
    default:
        return true;
    }
}

static bool prepare(struct demo_run *run)
{
    run->packages = workload_count(run->workload);
    run->package = calloc(run->packages + 1, sizeof *run->package);
    if (run->package == NULL)
        return demo_say("out of memory.");
    for (size_t i = 0; i < run->packages; i++) {
        run->package[i].arrival = workload_at(run->workload, i);
        if (!demo_note(&run->diary, run->package[i].arrival->time, DEMO_ARRIVAL, i))
            return false;
    }
    return demo_note(&run->diary, run->begin + HOUR, DEMO_PROGRESS, 0);
}

bool demo_run(struct demo_run *run)
{
    struct diary_item item;
    double before = demo_seconds();
    run->begin = (int64_t)run->options->date * DAY;
    fprintf(run->out, "  %-9s %8s %8s %8s %8s\n", "", "posted", "placed", "asking", "waiting");
    if (!prepare(run) || !demo_move(run, run->begin) || !demo_follow(run))
        return false;
    while (diary_take(&run->diary, &item) && item.at < run->begin + (1 + DAYS_AFTER) * (int64_t)DAY)
        if (!do_item(run, &item))
            return false;
    run->seconds = demo_seconds() - before;
    return true;
}

void demo_run_close(struct demo_run *run)
{
    free(run->diary.heap);
    free(run->package);
    free(run->offer);
}
