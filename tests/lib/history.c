/* history.c - see history.h: which entry comes next, and who sends it. */
#include "tests/lib/history.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_NUMBERED = 70 /* percent */ };

#define below history_below
#define percent history_percent

void history_start(struct history *h, uint64_t seed)
{
    h->random = (struct random){.state = seed};
    memset(h->number, 0, sizeof h->number);
    h->services = percent(h, 90) ? HISTORY_FEW : HISTORY_MANY;
    h->plain = percent(h, 20);
    h->scarce = percent(h, 35);
    h->used = 0;
    gen_start(&h->garbage, seed);
}

void *history_memory(struct history *h, size_t count, size_t size)
{
    size_t at = (h->used + 15) & ~(size_t)15;
    if (at + count * size > sizeof h->memory)
        abort(); /* an entry is smaller */
    h->used = at + count * size;
    return memset(h->memory + at, 0, count * size);
}

struct pm_text history_text(struct history *h, const char *format, ...)
{
    char *text = history_memory(h, 1, PM_NAME_MAX + 2);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, PM_NAME_MAX + 2, format, arguments);
    va_end(arguments);
    return pm_text(text);
}

const struct model_package *history_some(struct history *h, const struct model *model,
                                         unsigned state)
{
    if (model->packages == 0)
        return NULL;
    int recent = model->packages < 24 ? model->packages : 24;
    int first = model->packages - 1 - (int)below(h, (uint32_t)recent);
    for (int i = first; i > model->packages - 1 - recent; i--)
        if (!model->package[i].gone && model->package[i].state == state)
            return &model->package[i];
    return &model->package[first];
}

/* ---- Who sends it ---- */

static void envelope(struct history *h, const struct model *model, struct pm_entry *out)
{
    static const char *const names[] = {"desk", "ward", "clinic"};
    unsigned who = below(h, 3), client = below(h, HISTORY_CLIENTS);
    h->used = 0;
    gen_reset(&h->garbage);
    *out = (struct pm_entry){.market = pm_text(model->market.text)};
    out->actor.role = who == 0 ? PM_BROKER : PM_HOSPITAL;
    out->actor.name = pm_text(names[who]);
    if (!percent(h, ENTRY_NUMBERED))
        return;
    h->number[client] += percent(h, 4) ? 1020 + below(h, 8) : 1;
    out->client = client;
    out->number = h->number[client];
    out->hash = random_next(&h->random);
}

/* Most commands are a broker's: those of others must find what they name. */
static void as_broker(struct history *h, struct pm_entry *out)
{
    if (percent(h, 85))
        out->actor = (struct pm_actor){PM_BROKER, pm_text("desk")};
}

/* ---- What it is ---- */

static void load(struct history *h, const struct model *model, struct pm_entry *out,
                 struct pm_command *command)
{
    command->verb = PM_MARKET_LOAD;
    history_load(h, model->market.text, &command->load);
    out->actor = (struct pm_actor){PM_OPERATOR, pm_text("keeper")};
}

/* Anything the wire can carry. */
static void garbage(struct history *h, struct pm_command *out)
{
    gen_command(&h->garbage, PM_MARKET_LOAD + below(h, PM_COMMAND_LAST), out);
}

static void pause_or_so(struct history *h, const struct model *model, struct pm_command *out)
{
    static const uint8_t verbs[] = {PM_PACKAGE_WITHDRAW, PM_PACKAGE_PAUSE, PM_PACKAGE_RESUME,
                                    PM_PACKAGE_RESUME};
    out->verb = verbs[below(h, sizeof verbs)];
    const struct model_package *p = history_some(
        h, model, out->verb == PM_PACKAGE_RESUME ? PM_PAUSED : below(h, PM_PACKAGE_STATES));
    out->id.reference = percent(h, 96) ? pm_text(p->reference.text) : history_text(h, "nobody");
    if (percent(h, 80))
        out->id.referrer = pm_text(p->referrer.text);
    out->id.reason =
        (uint8_t)(percent(h, 90) ? 1 + below(h, PM_HANDED_BACK - 1) : below(h, PM_END_REASONS + 2));
}

/* About what has been posted. */
static void go_on(struct history *h, const struct model *model, struct pm_entry *out,
                  struct pm_command *command)
{
    uint32_t dice = below(h, 100);
    const struct model_package *p = history_some(h, model, below(h, PM_PACKAGE_STATES));
    if (dice < 45) {
        history_answer(h, model, out, command);
    } else if (dice < 63) {
        as_broker(h, out);
        history_decision(h, model, command);
    } else if (dice < 80) {
        as_broker(h, out);
        history_placement(h, model, out, command);
    } else if (dice < 89) {
        as_broker(h, out);
        pause_or_so(h, model, command);
    } else {
        as_broker(h, out);
        command->verb = PM_PACKAGE_AMEND;
        history_amend(h, model, p, &command->package);
    }
}

static void outage(struct history *h, const struct model *model, struct pm_entry *out,
                   struct pm_command *command)
{
    command->verb = PM_OUTAGE;
    command->tick.time =
        model->time - (int64_t)below(h, 3 * 86400000) + (percent(h, 5) ? 86400000 : 0);
    if (percent(h, 97))
        out->actor = (struct pm_actor){PM_DAEMON, pm_text("placematd")};
    out->number = 0;
}

void history_next(struct history *h, struct model *model, struct pm_entry *out,
                  struct pm_command *command)
{
    envelope(h, model, out);
    memset(command, 0, sizeof *command);
    out->command = command;
    uint32_t dice = below(h, 100);
    if (dice < 2) {
        garbage(h, command);
    } else if (!model->loaded) {
        load(h, model, out, command);
    } else if (dice < 4) {
        command->verb = PM_MARKET_LOAD;
        history_reload(h, model, &command->load);
    } else if (dice < 15) {
        history_put(h, model, command);
    } else if (dice < 18) {
        history_trouble(h, model, command);
    } else if (dice < 24) {
        history_round(h, model, out, command);
    } else if (dice < 25) {
        outage(h, model, out, command);
    } else if (dice < 75 && model->packages > 0) {
        go_on(h, model, out, command);
    } else {
        command->verb = PM_PACKAGE_POST;
        history_post(h, model, &command->package);
    }
    if (dice >= 2 && percent(h, 4))
        history_spoil(h, command);
}
