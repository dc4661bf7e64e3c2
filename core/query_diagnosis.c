/* query_diagnosis.c - why a package is where it is, in one sentence. */
#include "group.h"
#include "inquiry.h"
#include "ladder.h"

static uint32_t *nearest_of(struct tally *tally, uint8_t filter)
{
    return filter == FILTER_CAPACITY ? &tally->nearest
           : filter == FILTER_RATE   ? &tally->cheapest
           : filter == FILTER_SHARE  ? &tally->least_awarded
                                     : NULL;
}

/* Keeps the service that misses by the least, of those that a filter with an amount removed. */
static void note_miss(const struct inquiry *inquiry, struct tally *tally, uint32_t service,
                      struct verdict verdict)
{
    uint32_t *nearest = nearest_of(tally, verdict.filter);
    struct verdict *least = &tally->miss[verdict.filter];
    if (nearest == NULL || (verdict.filter == FILTER_RATE && verdict.found == 0))
        return;
    int64_t missing = verdict.needed - verdict.found, before = least->needed - least->found;
    if (verdict.filter == FILTER_RATE) {
        missing = -missing;
        before = -before;
    }
    if (*nearest != 0 &&
        (missing > before || (missing == before && !ranks_before(inquiry, service, *nearest))))
        return;
    *nearest = service;
    *least = verdict;
}

static void note_missing(const struct inquiry *inquiry, struct tally *tally, uint32_t service)
{
    uint64_t missing = inquiry->p->needs & ~service_at(inquiry->q->core, service)->capabilities;
    for (; missing != 0; missing &= missing - 1)
        tally->lacking[__builtin_ctzll(missing)]++;
}

static void tally_service(const struct inquiry *inquiry, struct tally *tally, uint32_t service)
{
    struct verdict verdict = judge(inquiry, service, FILTERS_ALL).verdict;
    tally->services++;
    tally->filter[verdict.filter]++;
    uint32_t offer = verdict.filter == FILTER_ASKED ? newest_offer(inquiry, service) : 0;
    if (offer != 0)
        tally->outcome[offer_at(inquiry->q->core, offer)->state]++;
    if (verdict.filter == FILTER_NEEDS)
        note_missing(inquiry, tally, service);
    note_miss(inquiry, tally, service, verdict);
}

void tally_services(const struct inquiry *inquiry, struct tally *out)
{
    const struct pm_core *core = inquiry->q->core;
    uint32_t service = market_at(core, inquiry->q->market)->first_service;
    *out = (struct tally){.services = 0};
    for (; service != 0; service = service_at(core, service)->next_in_market)
        if (service_at(core, service)->kind == inquiry->p->kind)
            tally_service(inquiry, out, service);
}

/* Is it another of its group through which it is brokered? */
static bool is_led(const struct inquiry *inquiry)
{
    const struct pm_core *core = inquiry->q->core;
    return inquiry->p->state == PM_OPEN && group_is_together(core, inquiry->package) &&
           group_at(core, inquiry->p->group)->first != inquiry->package;
}

/* What one of a group waits for: the others. False when it is in none, or waits for none. */
static bool say_group(const struct inquiry *inquiry, struct text *text)
{
    const struct pm_core *core = inquiry->q->core;
    const struct group *group = group_at(core, inquiry->p->group);
    if (inquiry->p->state == PM_OPEN && group_is_incomplete(core, inquiry->package)) {
        text_add(text, " until all of its group are posted, ");
        text_add_number(text, group->posted);
        text_add(text, " of ");
        text_add_number(text, group->size);
    } else if (is_led(inquiry)) {
        text_add(text, " with ");
        text_add(text, package_detail_at(core, group->first)->reference.text);
        text_add(text, ", by which its group is brokered");
    } else if (group_is_split(core, inquiry->package) &&
               (inquiry->p->state == PM_WAITING || inquiry->p->state == PM_TO_CONFIRM)) {
        text_add(text, ", with all parts of its group or none");
    } else {
        return false;
    }
    return true;
}

/* Does some step of its ladder ask anybody for it? */
static bool is_asked_for(const struct inquiry *inquiry)
{
    for (unsigned step = 0; step < inquiry->kind->steps; step++)
        if (ladder_asks(inquiry->p, &inquiry->kind->step[step]))
            return true;
    return false;
}

/* What an open package, or one that waits, waits for, where it is no service. */
static void say_awaited(const struct inquiry *inquiry, struct text *text)
{
    const struct package *p = inquiry->p;
    if (say_group(inquiry, text))
        return;
    if (p->state == PM_OPEN && p->waits == WAITS_GATHERED)
        text_add(text, " until the next round");
    else if (p->state == PM_OPEN && p->step < inquiry->kind->steps &&
             inquiry->kind->step[p->step].route == PM_BROKER_AWARD)
        text_add(text, " for a broker to award it");
    else if (p->state == PM_WAITING && !is_asked_for(inquiry))
        text_add(text, " for a broker, as no step of its ladder asks anybody for it");
}

/* "Waiting", "Offered to hc-03", "Withdrawn (readmitted)" */
static void say_state(const struct inquiry *inquiry, struct text *text)
{
    static const char *const states[PM_PACKAGE_STATES] = {
        [PM_OPEN] = "Open",
        [PM_OFFERED] = "Offered",
        [PM_PLACED] = "Placed",
        [PM_ENDED] = "Ended",
        [PM_PAUSED] = "Paused",
        [PM_WAITING] = "Waiting",
        [PM_WITHDRAWN] = "Withdrawn",
        [PM_CHOOSING] = "The person chooses",
        [PM_TO_CONFIRM] = "To be confirmed",
    };
    const struct pm_core *core = inquiry->q->core;
    text_add(text, states[inquiry->p->state]);
    uint32_t offer = query_standing_offer(inquiry->q, inquiry->package);
    bool offered = inquiry->p->state == PM_OFFERED, placed = inquiry->p->state == PM_PLACED;
    if (offer != 0 && (offered || placed)) {
        text_add(text, offered ? " to " : " with ");
        text_add(text, service_detail_at(core, offer_at(core, offer)->service)->name.text);
    }
    say_awaited(inquiry, text);
    uint8_t reason = package_detail_at(core, inquiry->package)->end_reason;
    if (reason != 0) {
        text_add(text, " (");
        text_add(text, pm_end_reason_name(reason));
        text_add(text, ")");
    }
}

/* " (3 declined, 1 gave no answer)" */
static void say_outcomes(const struct tally *tally, struct text *text)
{
    static const char *const outcomes[PM_OFFER_STATES] = {
        [PM_OFFER_OPEN] = " open",
        [PM_OFFER_ACCEPTED] = " accepted",
        [PM_OFFER_DECLINED] = " declined",
        [PM_OFFER_IS_EXPIRED] = " gave no answer",
        [PM_OFFER_IS_WITHDRAWN] = " withdrawn",
        [PM_OFFER_IS_STALE] = " stale",
        [PM_OFFER_TENDERED] = " tendered",
        [PM_OFFER_WON] = " won",
        [PM_OFFER_LOST] = " lost",
    };
    const char *before = " (";
    for (unsigned state = 0; state < PM_OFFER_STATES; state++) {
        if (tally->outcome[state] == 0)
            continue;
        text_add(text, before);
        text_add_number(text, tally->outcome[state]);
        text_add(text, outcomes[state]);
        before = ", ";
    }
    if (before[0] == ',')
        text_add(text, ")");
}

/* "3 do not serve Tilbury", for one filter. */
static void say_filter(const struct inquiry *inquiry, const struct tally *tally, unsigned filter,
                       struct text *text)
{
    static const struct {
        const char *one, *many;
    } phrases[FILTERS] = {
        [FILTER_NONE] = {" can be asked", " can be asked"},
        [FILTER_LOT] = {" is in a lot out of date", " are in a lot out of date"},
        [FILTER_STANDING] = {" is suspended or ceased", " are suspended or ceased"},
        [FILTER_LOCALITY] = {" does not serve ", " do not serve "},
        [FILTER_TIER] = {" is in no tier that is asked", " are in no tier that is asked"},
        [FILTER_NEEDS] = {" lacks a capability", " lack a capability"},
        [FILTER_QUALITY] = {" is below the quality floor", " are below the quality floor"},
        [FILTER_RATE] = {" has no rate within the ceiling", " have no rate within the ceiling"},
        [FILTER_EXCLUDED] = {" is excluded", " are excluded"},
        [FILTER_ASKED] = {" was asked", " were asked"},
        [FILTER_SHARE] = {" is at its share of the quarter", " are at their share of the quarter"},
        [FILTER_CAPACITY] = {" has not enough free capacity", " have not enough free capacity"},
    };
    text_add(text, ", ");
    text_add_number(text, tally->filter[filter]);
    text_add(text, tally->filter[filter] == 1 ? phrases[filter].one : phrases[filter].many);
    if (filter == FILTER_LOCALITY)
        text_add(text, inquiry->q->rules->locality[inquiry->p->locality].name.text);
    if (filter == FILTER_ASKED)
        say_outcomes(tally, text);
}

/* "£1.20 an hour" */
static void say_money(const struct inquiry *inquiry, int64_t pence, struct text *text)
{
    text_add(text, "\xc2\xa3");
    text_add_number(text, pence / 100);
    text_add(text, pence % 100 < 10 ? ".0" : ".");
    text_add_number(text, pence % 100);
    text_add(text, inquiry->kind->unit == PM_MINUTES ? " an hour" : " a week");
}

static const char *service_name(const struct inquiry *inquiry, uint32_t service)
{
    return service_detail_at(inquiry->q->core, service)->name.text;
}

/* What came nearest: capacity, price, share; and which capability is missing where. */
static void say_misses(const struct inquiry *inquiry, const struct tally *tally, struct text *text)
{
    if (tally->nearest != 0) {
        text_add(text, "; the nearest is ");
        text_add(text, service_name(inquiry, tally->nearest));
        text_add(text, ": ");
        say_shortage(inquiry, tally->miss[FILTER_CAPACITY], text);
    }
    if (tally->cheapest != 0 && rights_show(inquiry->q->actor.role, KEY_RATE)) {
        text_add(text, "; ");
        text_add(text, service_name(inquiry, tally->cheapest));
        text_add(text, " is ");
        const struct verdict *rate = &tally->miss[FILTER_RATE];
        say_money(inquiry, rate->found - rate->needed, text);
        text_add(text, " over the ceiling");
    }
    for (unsigned c = 0; c < inquiry->q->rules->capabilities; c++)
        if (tally->lacking[c] != 0) {
            text_add(text, "; ");
            text_add(text, inquiry->q->rules->capability[c].text);
            text_add(text, " missing at ");
            text_add_number(text, tally->lacking[c]);
        }
}

static void say_services(const struct inquiry *inquiry, const struct tally *tally,
                         struct text *text)
{
    text_add(text, ": of ");
    text_add_number(text, tally->services);
    text_add(text, " ");
    text_add(text, inquiry->kind->name.text);
    text_add(text, tally->services == 1 ? " service" : " services");
    for (unsigned filter = 0; filter < FILTERS; filter++)
        if (tally->filter[filter] != 0)
            say_filter(inquiry, tally, filter, text);
    say_misses(inquiry, tally, text);
}

void query_diagnosis(const struct query *q, uint32_t package, char out[QUERY_DIAGNOSIS])
{
    struct inquiry inquiry = inquire(q, package);
    struct text text = text_over(out, QUERY_DIAGNOSIS);
    say_state(&inquiry, &text);
    if (inquiry.p->state != PM_ENDED && inquiry.p->state != PM_WITHDRAWN && !is_led(&inquiry)) {
        struct tally tally;
        tally_services(&inquiry, &tally);
        say_services(&inquiry, &tally, &text);
    }
    text_add(&text, ".");
}

/* ---- The same as data ---- */

static void put_miss(const struct inquiry *inquiry, uint8_t filter, uint32_t service,
                     struct verdict verdict)
{
    const struct query *q = inquiry->q;
    if (service == 0)
        return;
    wire_open_map(q->out);
    put_string(q, KEY_FILTER, filter_name(filter));
    put_name(q, KEY_SERVICE, &service_detail_at(q->core, service)->name);
    if (filter == FILTER_CAPACITY)
        put_name(q, KEY_BAND, &inquiry->kind->band[verdict.band].name);
    put_number(q, KEY_NEEDED, verdict.needed);
    put_number(q, KEY_FOUND, verdict.found);
    wire_break(q->out);
}

void query_misses(const struct query *q, uint32_t package)
{
    struct inquiry inquiry = inquire(q, package);
    struct tally tally;
    if (!put_key(q, KEY_MISSES))
        return;
    tally_services(&inquiry, &tally);
    wire_open_array(q->out);
    put_miss(&inquiry, FILTER_CAPACITY, tally.nearest, tally.miss[FILTER_CAPACITY]);
    put_miss(&inquiry, FILTER_RATE, tally.cheapest, tally.miss[FILTER_RATE]);
    put_miss(&inquiry, FILTER_SHARE, tally.least_awarded, tally.miss[FILTER_SHARE]);
    for (unsigned c = 0; c < q->rules->capabilities; c++)
        if (tally.lacking[c] != 0) {
            wire_map(q->out, 3);
            put_string(q, KEY_FILTER, filter_name(FILTER_NEEDS));
            put_name(q, KEY_NAME, &q->rules->capability[c]);
            put_number(q, KEY_COUNT, tally.lacking[c]);
        }
    wire_break(q->out);
}
