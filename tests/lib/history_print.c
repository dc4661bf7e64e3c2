/* history_print.c - an entry as a line that people read: its verb, and the fields that matter. */
#include "tests/lib/history.h"

#include <stdarg.h>
#include <stdio.h>

#include "tests/lib/world.h"

struct line {
    char *text;
    size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
    va_end(arguments);
    if (length > 0)
        line->used += (size_t)length;
    if (line->used >= line->size)
        line->used = line->size - 1;
}

/* " word text", when there is a text. */
static void text(struct line *line, const char *word, struct pm_text text)
{
    if (text.length > 0)
        add(line, " %s%s%.*s", word, *word != '\0' ? " " : "", (int)text.length, text.bytes);
}

/* " word number", when it is not 0. */
static void number(struct line *line, const char *word, int64_t number)
{
    if (number != 0)
        add(line, " %s %lld", word, (long long)number);
}

static void id(struct line *line, const struct pm_package_id *id)
{
    text(line, "", id->reference);
    text(line, "of", id->referrer);
    number(line, "reason", id->reason);
}

static void care(struct line *line, const struct pm_package *p)
{
    for (unsigned v = 0; v < p->visits && v < 4; v++)
        add(line, " visit %u-%u:%umin*%u/%02x", p->visit[v].earliest, p->visit[v].latest,
            p->visit[v].minutes, p->visit[v].carers, p->visit[v].days);
    text(line, "place", p->place_type);
    for (unsigned i = 0; i < p->needs; i++)
        text(line, "need", p->need[i]);
    for (unsigned i = 0; i < p->exclusions; i++)
        text(line, "not", p->exclusion[i]);
    for (unsigned i = 0; i < p->preferences; i++)
        text(line, "prefers", p->preferred[i]);
}

static void package(struct line *line, const struct pm_package *p, bool post)
{
    char code[9];
    text(line, "", p->reference);
    text(line, "of", p->referrer);
    text(line, "kind", p->kind);
    if (!post)
        add(line, " given %x", p->given);
    text(line, "in", p->locality);
    if (p->postcode != 0)
        add(line, " at %s", pm_postcode_text(p->postcode, code));
    if (p->sector != 0)
        add(line, " sector %s", pm_postcode_text(p->sector, code));
    care(line, p);
    add(line, " priority %u interim %u", p->priority, p->interim);
    number(line, "payer", p->payer);
    number(line, "from", p->start_from);
    number(line, "by", p->start_by);
    text(line, "known to", p->continuity);
    text(line, "follows", p->follows);
    text(line, "group", p->group);
    if (p->group_size != 0)
        add(line, " of %u%s", p->group_size, p->together ? " together" : "");
    if (p->arrangement != PM_MANAGED)
        add(line, " arrangement %u", p->arrangement);
}

static void service(struct line *line, const struct pm_service_put *put)
{
    char code[9];
    text(line, "", put->service);
    text(line, "pool", put->pool);
    text(line, "kind", put->kind);
    text(line, "lot", put->lot);
    add(line, " tier %u contract %u standing %u", put->tier, put->contract, put->standing);
    number(line, "uplift", put->uplift);
    for (unsigned i = 0; i < put->localities && i < 4; i++)
        text(line, "in", put->locality[i]);
    for (unsigned i = 0; i < put->sectors && i < 4; i++)
        add(line, " sector %s", pm_postcode_text(put->sector[i], code));
    for (unsigned i = 0; i < put->rates && i < 4; i++)
        add(line, " rate %d from %d", put->rate[i].pence, put->rate[i].from);
    for (unsigned i = 0; i < put->capabilities && i < 4; i++)
        text(line, "can", put->capability[i]);
}

static void step(struct line *line, const struct pm_step *s)
{
    const char *route = pm_route_name(s->route), *where = pm_where_name(s->where);
    add(line, "\n#       step %s %s tiers %x window %u decide %u invite %u%s%s%s",
        route ? route : "?", where ? where : "?", s->tiers, s->window, s->decide, s->invite,
        s->award == PM_CONFIRMED ? " confirmed" : "", s->close == PM_AT_FIRST ? " at_first" : "",
        s->binding ? " binding" : "");
    number(line, "floor", s->floor);
    number(line, "ceiling", s->ceiling);
}

static void load(struct line *line, const struct pm_load *load)
{
    const struct pm_market *rules = load->market;
    if (rules == NULL)
        return;
    add(line, " %s supplies %u calendars %u keep %d raise_after %u lapse %u", rules->name.text,
        load->supplies, load->calendars, rules->keep_days, rules->raise_after, rules->lapse);
    for (unsigned k = 0; k < rules->kinds && k < PM_KINDS_MAX; k++) {
        const struct pm_kind *kind = &rules->kind[k];
        add(line,
            "\n#     kind %.31s passes %u calendar %u rounds %u ceiling %d floor %d weights %d/%d "
            "cap %d "
            "bonus %d %d/%d %d again %u",
            kind->name.text, kind->passes, kind->calendar, kind->rounds, kind->ceiling,
            kind->quality_floor, kind->weight_price, kind->weight_quality, kind->share_cap,
            kind->bonus_continuity, kind->bonus_cluster, kind->bonus_cluster_most,
            kind->bonus_preference, kind->ask_again);
        for (unsigned s = 0; s < kind->steps && s < PM_STEPS_MAX; s++)
            step(line, &kind->step[s]);
    }
}

static void capacity(struct line *line, const struct pm_capacity_set *set)
{
    text(line, "", set->pool);
    for (unsigned b = 0; b < set->bands && b < PM_BANDS_MAX; b++)
        add(line, " %d", set->spare[b]);
    if (set->valid_until != 0)
        add(line, " until %+lld", (long long)(set->valid_until - WORLD_START));
}

static void suspension(struct line *line, const struct pm_suspension *s)
{
    text(line, "", s->provider);
    text(line, "location", s->location);
    text(line, "kind", s->kind);
    text(line, "locality", s->locality);
}

static void supply(struct line *line, const struct pm_command *c)
{
    switch (c->verb) {
    case PM_PROVIDER_PUT:
        text(line, "", c->provider.provider);
        number(line, "standing", c->provider.standing);
        break;
    case PM_LOCATION_PUT:
        text(line, "", c->location.location);
        text(line, "provider", c->location.provider);
        add(line, " standing %u rating %u score %d", c->location.standing, c->location.rating,
            c->location.score);
        break;
    case PM_POOL_PUT:
        text(line, "", c->pool.pool);
        text(line, "location", c->pool.location);
        text(line, "kind", c->pool.kind);
        number(line, "mode", c->pool.mode);
        break;
    case PM_SERVICE_PUT:
        service(line, &c->service);
        break;
    default:
        capacity(line, &c->capacity);
        break;
    }
}

static void trouble(struct line *line, const struct pm_command *c)
{
    switch (c->verb) {
    case PM_PROVIDER_FAIL:
        text(line, "", c->failure.provider);
        text(line, "location", c->failure.location);
        number(line, "from", c->failure.from);
        number(line, "mode", c->failure.mode);
        break;
    case PM_SERVICE_TRANSFER:
        text(line, "", c->transfer.service);
        text(line, "to", c->transfer.to);
        break;
    default:
        suspension(line, &c->suspension);
        break;
    }
}

static void tender(struct line *line, const struct pm_tender *t)
{
    add(line, " %llu", (unsigned long long)t->offer);
    number(line, "rate", t->rate);
    number(line, "start", t->start);
    number(line, "assess_by", t->assess_by);
    number(line, "shift", t->shift);
}

static void decision(struct line *line, const struct pm_command *c)
{
    switch (c->verb) {
    case PM_AWARD_OVERRIDE:
        text(line, "", c->award.reference);
        text(line, "of", c->award.referrer);
        text(line, "service", c->award.service);
        number(line, "rate", c->award.rate);
        text(line, "note", c->award.note);
        break;
    default: /* PM_CHOICE_RECORD */
        text(line, "", c->choice.reference);
        text(line, "of", c->choice.referrer);
        add(line, " offer %llu decided_by %u top_up %u", (unsigned long long)c->choice.offer,
            c->choice.decided_by, c->choice.top_up);
        break;
    }
}

static void placement(struct line *line, const struct pm_command *c)
{
    switch (c->verb) {
    case PM_PLACEMENT_HANDBACK:
        add(line, " %llu", (unsigned long long)c->handback.placement);
        number(line, "until", c->handback.until);
        number(line, "code", c->handback.code);
        break;
    case PM_PLACEMENT_IN_HOSPITAL:
        text(line, "", c->stay.reference);
        text(line, "of", c->stay.referrer);
        number(line, "until", c->stay.until);
        break;
    default: /* PM_PLACEMENT_IMPORT */
        text(line, "to", c->import.service);
        number(line, "rate", c->import.rate);
        number(line, "started", c->import.started);
        if (c->import.package != NULL)
            package(line, c->import.package, true);
        break;
    }
}

static void assignments(struct line *line, const struct pm_round_apply *apply)
{
    add(line, " %llu%s", (unsigned long long)apply->round,
        apply->result == NULL           ? " more"
        : apply->result->abandoned != 0 ? " abandoned"
                                        : "");
    for (uint16_t i = 0; i < apply->assignments; i++)
        add(line, " %llu@%u=%llu", (unsigned long long)apply->assignment[i].package,
            apply->assignment[i].version, (unsigned long long)apply->assignment[i].service);
}

static void command(struct line *line, const struct pm_command *c)
{
    switch (c->verb) {
    case PM_MARKET_LOAD:
        load(line, &c->load);
        break;
    case PM_PROVIDER_PUT:
    case PM_LOCATION_PUT:
    case PM_POOL_PUT:
    case PM_SERVICE_PUT:
    case PM_CAPACITY_SET:
        supply(line, c);
        break;
    case PM_PACKAGE_POST:
    case PM_PACKAGE_AMEND:
        package(line, &c->package, c->verb == PM_PACKAGE_POST);
        break;
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
        add(line, " %llu", (unsigned long long)c->answer.offer);
        number(line, "code", c->answer.code);
        break;
    case PM_OFFER_TENDER:
        tender(line, &c->tender);
        break;
    case PM_OUTAGE:
        number(line, "since", c->tick.time);
        break;
    case PM_CONTINUE:
    case PM_TICK:
        break;
    case PM_PROVIDER_SUSPEND:
    case PM_PROVIDER_RESUME:
    case PM_PROVIDER_FAIL:
    case PM_SERVICE_TRANSFER:
        trouble(line, c);
        break;
    case PM_AWARD_OVERRIDE:
    case PM_CHOICE_RECORD:
        decision(line, c);
        break;
    case PM_PLACEMENT_HANDBACK:
    case PM_PLACEMENT_IN_HOSPITAL:
    case PM_PLACEMENT_IMPORT:
        placement(line, c);
        break;
    case PM_ROUND_OPEN:
        text(line, "", c->round.kind);
        break;
    case PM_ROUND_APPLY:
        assignments(line, &c->apply);
        break;
    default: /* about a package by its reference */
        id(line, &c->id);
        break;
    }
}

void history_line(const struct pm_entry *entry, struct pm_result result, char *out, size_t size)
{
    struct line line = {.text = out, .size = size};
    const struct pm_command *c = entry->command;
    out[0] = '\0';
    add(&line, "%llu at %+lld ms", (unsigned long long)entry->sequence,
        (long long)(entry->time - WORLD_START));
    text(&line, "", entry->market);
    text(&line, "by", entry->actor.name);
    add(&line, ": %s", pm_verb_name(c->verb));
    command(&line, c);
    add(&line, ": %s %llu", pm_status_name(result.status), (unsigned long long)result.id);
    if (c->verb == PM_MARKET_LOAD)
        for (uint32_t i = 0; i < c->load.supplies; i++) {
            add(&line, "\n#     %s", pm_verb_name(c->load.supply[i].verb));
            supply(&line, &c->load.supply[i]);
        }
}
