/* query_diagnosis.c - why a package is where it is, in one sentence. */
#include "inquiry.h"

/* What the services of the package's kind came to. */
struct tally {
    uint32_t services, filter[FILTERS], outcome[PM_OFFER_STATES]; /* of those asked */
    uint32_t nearest; /* service short of the least capacity; 0: none is short of any */
    struct verdict shortage;
};

static void note_shortage(const struct inquiry *inquiry, struct tally *tally, uint32_t service,
                          struct verdict verdict)
{
    int64_t missing = verdict.needed - verdict.found;
    if (tally->nearest != 0) {
        int64_t least = tally->shortage.needed - tally->shortage.found;
        if (missing > least ||
            (missing == least && !ranks_before(inquiry, service, tally->nearest)))
            return;
    }
    tally->nearest = service;
    tally->shortage = verdict;
}

static void tally_service(const struct inquiry *inquiry, struct tally *tally, uint32_t service)
{
    struct verdict verdict = judge(inquiry, service, FILTERS_ALL).verdict;
    tally->services++;
    tally->filter[verdict.filter]++;
    uint32_t offer = verdict.filter == FILTER_ASKED ? newest_offer(inquiry, service) : 0;
    if (offer != 0)
        tally->outcome[offer_at(inquiry->q->core, offer)->state]++;
    if (verdict.filter == FILTER_CAPACITY)
        note_shortage(inquiry, tally, service, verdict);
}

static struct tally tally_services(const struct inquiry *inquiry)
{
    const struct pm_core *core = inquiry->q->core;
    struct tally tally = {.services = 0};
    uint32_t service = market_at(core, inquiry->q->market)->first_service;
    for (; service != 0; service = service_at(core, service)->next_in_market)
        if (service_at(core, service)->kind == inquiry->p->kind)
            tally_service(inquiry, &tally, service);
    return tally;
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
    if (tally->nearest == 0)
        return;
    text_add(text, "; the nearest is ");
    text_add(text, service_detail_at(inquiry->q->core, tally->nearest)->name.text);
    text_add(text, ": ");
    say_shortage(inquiry, tally->shortage, text);
}

void query_diagnosis(const struct query *q, uint32_t package, char out[QUERY_DIAGNOSIS])
{
    struct inquiry inquiry = inquire(q, package);
    struct text text = text_over(out, QUERY_DIAGNOSIS);
    say_state(&inquiry, &text);
    if (inquiry.p->state != PM_ENDED && inquiry.p->state != PM_WITHDRAWN) {
        struct tally tally = tally_services(&inquiry);
        say_services(&inquiry, &tally, &text);
    }
    text_add(&text, ".");
}
