/* model.c - see model.h: one entry, foretold and followed. */
#include "tests/lib/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void model_fail(struct model *model, const char *format, ...)
{
    if (model->failed)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(model->error, sizeof model->error, format, arguments);
    va_end(arguments);
    model->failed = true;
}

void model_start(struct model *model, const char *market)
{
    model->market = model_name(pm_text(market));
    model->loaded = model->failed = model->canary = model->blind = false;
    model->choices = model->id = 0;
    model->events = model->calendars = 0;
    model->providers = model->locations = model->pools = model->services = 0;
    model->packages = model->offers = model->placements = model->groups = model->sweeps =
        model->rounds = 0;
    memset(model->lent, 0, sizeof model->lent);
}

/* Nobody follows a package that is gone. */
void model_forget(struct model *model, int package)
{
    model->package[package].gone = true;
    model_group_leave(model, package);
    for (int i = 0; i < model->packages; i++)
        if (model->package[i].need.follows == package)
            model->package[i].need.follows = MODEL_NONE;
}

/* ---- What it will be answered ---- */

static int expect_in(const struct model *model)
{
    switch (model->entry->command->verb) {
    case PM_PROVIDER_PUT:
    case PM_LOCATION_PUT:
    case PM_POOL_PUT:
    case PM_SERVICE_PUT:
    case PM_CAPACITY_SET:
        return model_expect_supply(model, model->entry->command);
    case PM_PACKAGE_POST:
    case PM_PACKAGE_AMEND:
    case PM_PACKAGE_WITHDRAW:
    case PM_PACKAGE_PAUSE:
    case PM_PACKAGE_RESUME:
        return model_expect_package(model);
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
    case PM_OFFER_TENDER:
        return model_expect_answer(model);
    case PM_AWARD_CONFIRM:
    case PM_AWARD_OVERRIDE:
    case PM_CHOICE_RECORD:
        return model_expect_decision(model);
    case PM_PLACEMENT_START:
    case PM_PLACEMENT_END:
    case PM_PLACEMENT_HANDBACK:
    case PM_PLACEMENT_IN_HOSPITAL:
    case PM_PLACEMENT_RESTART:
    case PM_PLACEMENT_IMPORT:
        return model_expect_placement(model);
    case PM_PROVIDER_SUSPEND:
    case PM_PROVIDER_RESUME:
    case PM_PROVIDER_FAIL:
    case PM_SERVICE_TRANSFER:
        return model_expect_failure(model);
    case PM_ROUND_OPEN:
    case PM_ROUND_APPLY:
        return model_expect_round(model);
    default:
        return PM_UNKNOWN_COMMAND;
    }
}

static int expect_outage(const struct pm_entry *entry)
{
    if (entry->actor.role != PM_DAEMON)
        return PM_NOT_ALLOWED;
    int64_t since = entry->command->tick.time;
    return since < 0 || since > entry->time ? PM_BAD_TIME : PM_OK;
}

int model_expect(struct model *model, const struct pm_entry *entry)
{
    model->time = entry->time;
    model->entry = entry;
    if (model->blind)
        return MODEL_UNSURE;
    if (entry->command->verb == PM_MARKET_LOAD)
        return model_expect_load(model, &entry->command->load);
    if (entry->command->verb == PM_CONTINUE)
        return PM_OK;
    if (entry->command->verb == PM_OUTAGE)
        return expect_outage(entry);
    return model->loaded ? expect_in(model) : PM_UNKNOWN_MARKET;
}

/* ---- What it does ---- */

/* Is it open at a step that is another now? */
static bool has_lost_its_step(const struct model *model, int package)
{
    const struct model_package *p = &model->package[package];
    unsigned route = model_step(model, package, p->step)->route;
    return p->state == PM_OPEN && model_group_may_pause(model, package) &&
           route != (p->gathered ? PM_ROUND : PM_BROKER_AWARD);
}

/* Under new rules what waits may be asked again at another time, and be more or less urgent. */
static void load(struct model *model)
{
    model_load(model, &model->entry->command->load);
    for (int i = 0; i < model->packages; i++) {
        if (!model->package[i].gone && model->package[i].state == PM_WAITING)
            model->package[i].due = model_wait_due(model, i);
        else if (!model->package[i].gone && has_lost_its_step(model, i))
            model->package[i].due = model->time - 1;
        model_classify(model, i);
    }
}

/* Whoever is to answer or decide has as much longer. */
static void outage(struct model *model)
{
    int64_t since = model->entry->command->tick.time;
    for (int i = 0; i < model->packages; i++) {
        struct model_package *p = &model->package[i];
        bool awaited = p->state == PM_OFFERED || p->state == PM_CHOOSING ||
                       p->state == PM_TO_CONFIRM || p->state == PM_OPEN;
        if (!p->gone && awaited && p->due != 0 && p->due >= since)
            p->due = model_extended(model, p->kind, p->due, since);
    }
}

static void follow_in(struct model *model, struct pm_result result)
{
    switch (model->entry->command->verb) {
    case PM_MARKET_LOAD:
        load(model);
        break;
    case PM_PROVIDER_PUT:
    case PM_LOCATION_PUT:
    case PM_POOL_PUT:
    case PM_SERVICE_PUT:
    case PM_CAPACITY_SET:
        model_supply(model, model->entry->command);
        break;
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
    case PM_OFFER_TENDER:
        model_answer(model);
        break;
    case PM_AWARD_CONFIRM:
    case PM_AWARD_OVERRIDE:
    case PM_CHOICE_RECORD:
        model_decide(model);
        break;
    case PM_PACKAGE_POST:
    case PM_PACKAGE_AMEND:
    case PM_PACKAGE_WITHDRAW:
    case PM_PACKAGE_PAUSE:
    case PM_PACKAGE_RESUME:
        model_package(model, result);
        break;
    case PM_CONTINUE:
        model_continue(model);
        break;
    case PM_OUTAGE:
        outage(model);
        break;
    case PM_PROVIDER_SUSPEND:
    case PM_PROVIDER_RESUME:
    case PM_PROVIDER_FAIL:
    case PM_SERVICE_TRANSFER:
        model_do_failure(model);
        break;
    case PM_ROUND_OPEN:
    case PM_ROUND_APPLY:
        model_do_round(model, result);
        break;
    default:
        model_do_placement(model, result);
        break;
    }
}

/* Of the market itself and its supply nothing is foretold but that it is told. */
static bool is_of_supply(unsigned kind)
{
    return kind == PM_EVENT_MARKET_LOADED || kind == PM_EVENT_SUPPLY_CHANGED ||
           kind == PM_EVENT_CAPACITY_STATED;
}

static void check_events(struct model *model)
{
    for (uint32_t i = 0; i < model->events; i++)
        if (!model->told[i] && !is_of_supply(model->event[i].kind))
            model_fail(model, "%s: %s was not foreseen", model->event[i].reference.text,
                       pm_event_name(model->event[i].kind));
}

static bool is_mine(const struct model *model, const struct pm_entry *entry)
{
    const struct pm_command *command = entry->command;
    if (command->verb == PM_CONTINUE || command->verb == PM_OUTAGE)
        return model->loaded;
    return pm_text_equal(pm_text(model->market.text),
                         command->verb == PM_MARKET_LOAD && command->load.market != NULL
                             ? pm_text(command->load.market->name.text)
                             : entry->market);
}

void model_follow(struct model *model, const struct pm_core *core, const struct pm_entry *entry,
                  struct pm_result result)
{
    model->time = entry->time;
    model->entry = entry;
    model->id = 0;
    model_hear(model, core);
    if (model->blind) {
        model_copy(model, result);
        return;
    }
    if (result.status != PM_OK && model->events > 0)
        model_fail(model, "refused, but something happened");
    /* Whatever is done makes an event; an answer given again makes none. */
    bool silent = entry->command->verb == PM_CONTINUE || entry->command->verb == PM_OUTAGE;
    bool done = model->events > 0 || silent;
    if (!is_mine(model, entry) || result.status != PM_OK || !done)
        return;
    follow_in(model, result);
    check_events(model);
    if (model->id != 0 && model->id != result.id)
        model_fail(model, "answered with %llu, not %llu", (unsigned long long)result.id,
                   (unsigned long long)model->id);
}
