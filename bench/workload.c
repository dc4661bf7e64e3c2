/*
 * workload.c: packages of care from a number of discharges.
 *
 * What is drawn, and from where:
 * - Times: given their number, the arrivals of a Poisson process are independent draws from the
 *   day's profile; 60 % before 17:00, as the discharge figures have it where they are split.
 * - Kinds: 55 % homecare, 30 % bridging, 15 % residential. Of the delays that English trusts report
 *   for want of care at home, just over half wait for short-term care (rehabilitation and
 *   reablement at home, which bridging stands in for) and the rest for lasting care; but bridging
 *   is short and homecare stays, so more of a day's packages are homecare. Waits for a home are
 *   nearly half of all, because each lasts several times as long: of a day's new packages about one
 *   in seven.
 * - Size: log-normal with median 10 hours a week, mean 12, cut off at 56; every day of the week.
 * - Visits: 15, 30, 45 and 60 minutes as 1.6, 72, 18 and 8 in a hundred. The first is in the
 *   morning for most, and the longest one is: so the morning is the scarce band.
 * - Double-handed: one in six, and whoever would need more than eight visits a day otherwise.
 */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { DAY_HOURS = 24, WARDS = 12, NAME = PM_NAME_MAX + 1 };

static const char *const kind_names[WORKLOAD_KINDS] = {"homecare", "bridging", "residential"};
static const uint16_t kind_weight[WORKLOAD_KINDS] = {55, 30, 15};

/* A package with what its texts and lists point into. */
struct item {
    struct workload_arrival arrival;
    struct pm_visit visit[WORKLOAD_VISITS_MAX];
    struct pm_text need[PM_NEEDS_MAX];
    char reference[NAME];
};

struct workload {
    struct workload_options options;
    uint16_t sector_weight[PM_PREFIXES_MAX]; /* of the market's prefixes */
    char ward[WARDS][NAME];
    size_t count;
    struct item item[];
};

const char *workload_kind_name(enum workload_kind kind)
{
    return kind_names[kind];
}

const char *workload_urgency(unsigned priority)
{
    static const char *const words[PM_PRIORITIES] = {"by tomorrow", "within two days",
                                                     "within four days", "within a week"};
    return priority < PM_PRIORITIES ? words[priority] : "unknown";
}

static bool percent(uint64_t *random, uint32_t chance)
{
    return random_below(random, 100) < chance;
}

/* ---- When ---- */

static int64_t draw_time(uint64_t *random, int32_t date, uint32_t early)
{
    enum { HOUR = 3600 * 1000, EVENING = 17 }; /* ms */
    /* Of a thousand people, in each hour of the day; 600 before 17:00. */
    static const uint16_t hours[DAY_HOURS] = {2,  2,  2,  2,  2,  2,  2,  6,  20, 45, 65, 75,
                                              70, 75, 80, 75, 75, 80, 90, 80, 60, 45, 28, 17};
    unsigned from = 0, to = DAY_HOURS;
    if (early != 0 && random_below(random, 1000) < early)
        to = EVENING;
    else if (early != 0)
        from = EVENING;
    int64_t hour = from + random_pick(random, hours + from, to - from);
    return ((int64_t)date * DAY_HOURS + hour) * HOUR + random_below(random, HOUR);
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = ((const struct item *)a)->arrival.time, y = ((const struct item *)b)->arrival.time;
    return (x > y) - (x < y);
}

/* ---- Where ---- */

/* The demonstration market's sectors that have fewer people than most: rural, or shops and wharves.
 * Elsewhere every prefix counts alike. */
static uint16_t weight_of_sector(uint64_t code)
{
    static const struct {
        const char *sector;
        uint16_t weight;
    } sparse[] = {{"RM14 3", 1}, {"RM16 3", 4}, {"RM18 8", 4}, {"RM20 1", 3}, {"RM20 2", 2},
                  {"RM20 3", 3}, {"RM20 4", 4}, {"RM19 1", 7}, {"SS17 0", 8}};
    for (size_t i = 0; i < sizeof sparse / sizeof sparse[0]; i++)
        if (pm_postcode_parse(pm_text(sparse[i].sector)) == code)
            return sparse[i].weight;
    return 10;
}

static uint64_t draw_postcode(const struct workload *workload, uint64_t *random)
{
    const struct pm_market *market = workload->options.market;
    return market->prefix[random_pick(random, workload->sector_weight, market->prefixes)].code;
}

/* ---- How much ---- */

/* Minutes a week: the quantiles of the log-normal distribution at each 64th, the last cut off. */
static uint32_t draw_size(uint64_t *random)
{
    enum { PARTS = 64 };
    static const uint16_t quantile[PARTS + 1] = {
        125,  163,  195,  218,  238,  255,  271,  286,  300,  313,  326,  339,  351,
        363,  375,  387,  399,  411,  423,  435,  447,  459,  471,  483,  495,  507,
        520,  533,  546,  559,  572,  586,  600,  614,  629,  644,  660,  676,  692,
        710,  727,  746,  765,  785,  806,  828,  851,  876,  902,  929,  959,  991,
        1025, 1063, 1104, 1150, 1202, 1261, 1330, 1412, 1515, 1651, 1848, 2203, 3360};
    unsigned part = random_below(random, PARTS);
    uint32_t width = quantile[part + 1] - quantile[part];
    return quantile[part] + random_below(random, width + 1);
}

static uint16_t draw_length(uint64_t *random)
{
    static const uint16_t lengths[] = {15, 30, 45, 60}, weights[] = {16, 724, 180, 80};
    return lengths[random_pick(random, weights, 4)];
}

static int compare_lengths(const void *a, const void *b)
{
    return *(const uint16_t *)b - *(const uint16_t *)a;
}

/* Visits of one day that come to about so many minutes, and to no more than `most`, longest first.
 * Returns how many. */
static unsigned draw_lengths(uint64_t *random, uint32_t minutes, uint32_t most, uint16_t *length)
{
    enum { HALF_A_VISIT = 18 }; /* ends at the number of visits that comes nearest */
    uint32_t sum = 0;
    unsigned count = 0;
    do {
        length[count] = draw_length(random);
        sum += length[count++];
    } while (sum + HALF_A_VISIT < minutes && count < WORKLOAD_VISITS_MAX);
    qsort(length, count, sizeof length[0], compare_lengths);
    while (sum > most)
        sum -= length[--count];
    return count;
}

enum part_of_day { MORNING, LUNCH, TEA, BED, PARTS_OF_DAY };

/* Which part of the day the visits fall in, by how many there are; from the fifth on, over again.
 */
static enum part_of_day part_of(unsigned visit, unsigned visits, uint64_t *random)
{
    static const uint16_t single[PARTS_OF_DAY] = {70, 15, 5, 10};
    static const enum part_of_day order[5][4] = {
        {MORNING}, {MORNING}, {MORNING, BED}, {MORNING, TEA, LUNCH}, {MORNING, LUNCH, TEA, BED}};
    if (visits == 1)
        return (enum part_of_day)random_pick(random, single, PARTS_OF_DAY);
    return order[visits < 4 ? visits : 4][visit % 4];
}

/* A two-hour window whose middle is well inside the part of the day. */
static struct pm_visit draw_visit(uint64_t *random, enum part_of_day part, uint16_t minutes,
                                  uint8_t carers)
{
    static const struct {
        uint16_t earliest, half_hours;
    } windows[PARTS_OF_DAY] = {{390, 5}, {690, 3}, {930, 2}, {1140, 4}};
    uint16_t earliest =
        (uint16_t)(windows[part].earliest + 30 * random_below(random, windows[part].half_hours));
    return (struct pm_visit){.earliest = earliest,
                             .latest = (uint16_t)(earliest + 120),
                             .minutes = minutes,
                             .days = PM_EVERY_DAY,
                             .carers = carers,
                             .critical = part == MORNING && percent(random, 20)};
}

static void draw_visits(uint64_t *random, struct item *item)
{
    enum { DAYS = 7, DOUBLE_HANDED = 16, MOST_ALONE = 285, MOST = 56 * 60 / DAYS };
    uint16_t length[WORKLOAD_VISITS_MAX];
    uint32_t daily = draw_size(random) / DAYS;
    uint8_t carers = percent(random, DOUBLE_HANDED) || daily > MOST_ALONE ? 2 : 1;
    unsigned visits = draw_lengths(random, daily / carers, MOST / carers, length);
    for (unsigned v = 0; v < visits; v++)
        item->visit[v] = draw_visit(random, part_of(v, visits, random), length[v], carers);
    item->arrival.package.visit = item->visit;
    item->arrival.package.visits = (uint8_t)visits;
}

/* ---- What is needed ---- */

/* Adds a need that the market knows and the package does not have yet. */
static void add_need(const struct pm_market *market, struct item *item, const char *name)
{
    struct pm_package *package = &item->arrival.package;
    for (unsigned i = 0; i < package->needs; i++)
        if (pm_text_equal(item->need[i], pm_text(name)))
            return;
    for (unsigned i = 0; i < market->capabilities && package->needs < PM_NEEDS_MAX; i++)
        if (strcmp(market->capability[i].text, name) == 0)
            item->need[package->needs++] = pm_text(market->capability[i].text);
}

static void draw_needs(const struct pm_market *market, uint64_t *random, struct item *item)
{
    /* In a hundred packages: at home, and in a home, where the type of place says the most. */
    static const struct {
        const char *name;
        uint8_t at_home, in_a_home;
    } chances[] = {{"medication", 55, 60},
                   {"dementia", 22, 0},
                   {"hoist", 4, 30},
                   {"catheter", 10, 10},
                   {"end_of_life", 4, 4},
                   {"mental_health", 4, 3},
                   {"learning_disability", 2, 2},
                   {"stoma", 2, 0},
                   {"peg", 2, 0},
                   {"epilepsy", 2, 0}};
    struct pm_package *package = &item->arrival.package;
    bool residential = item->arrival.kind == WORKLOAD_RESIDENTIAL;
    package->need = item->need;
    for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++)
        if (percent(random, residential ? chances[i].in_a_home : chances[i].at_home))
            add_need(market, item, chances[i].name);
    if (package->visits == 0 || package->visit[0].carers == 1)
        return;
    add_need(market, item, "double_handed");
    if (percent(random, 70))
        add_need(market, item, "hoist");
}

/* The type of place, and the needs by which only homes that have such places are asked. */
static void draw_place(const struct pm_market *market, uint64_t *random, struct item *item)
{
    static const struct {
        const char *type, *needs[2];
    } places[] = {{"residential", {NULL, NULL}},
                  {"dementia", {"dementia", NULL}},
                  {"nursing", {"nursing", NULL}},
                  {"nursing_dementia", {"nursing", "dementia"}}};
    static const uint16_t weights[] = {35, 25, 25, 15};
    unsigned place = random_pick(random, weights, 4);
    item->arrival.package.place_type = pm_text(places[place].type);
    for (unsigned n = 0; n < 2 && places[place].needs[n] != NULL; n++)
        add_need(market, item, places[place].needs[n]);
}

/* ---- How soon, meanwhile, and who pays ---- */

static void draw_urgency(uint64_t *random, int32_t date, struct workload_arrival *arrival)
{
    static const uint16_t weights[WORKLOAD_KINDS][PM_PRIORITIES] = {
        {10, 40, 35, 15}, {80, 20, 0, 0}, {0, 25, 50, 25}};
    static const int32_t days[PM_PRIORITIES] = {1, 2, 4, 7};
    enum { WEEKS_OF_BRIDGING = 4 };
    struct pm_package *package = &arrival->package;
    package->priority = (uint8_t)random_pick(random, weights[arrival->kind], PM_PRIORITIES);
    package->start_from = date;
    package->start_by = date + days[package->priority];
    if (arrival->kind == WORKLOAD_BRIDGING)
        package->planned_end = package->start_by + 7 * WEEKS_OF_BRIDGING;
}

static void draw_circumstances(uint64_t *random, struct pm_package *package)
{
    static const uint16_t payers[] = {[PM_COUNCIL] = 80, [PM_HEALTH] = 14, [PM_SELF_FUNDER] = 6};
    package->interim = percent(random, 15) ? PM_FAMILY : PM_IN_HOSPITAL;
    package->payer = (uint8_t)random_pick(random, payers, sizeof payers / sizeof payers[0]);
}

/* ---- The whole ---- */

static void draw_item(struct workload *workload, size_t at)
{
    const struct workload_options *options = &workload->options;
    struct item *item = &workload->item[at];
    struct pm_package *package = &item->arrival.package;
    uint64_t random = options->seed ^ (at + 1) * 0xd1342543de82ef95u;
    char date[11];
    pm_date_text(options->date, date);
    snprintf(item->reference, sizeof item->reference, "p%.2s%.2s-%04zu", date + 5, date + 8,
             at + 1);
    item->arrival.kind = (enum workload_kind)random_pick(&random, kind_weight, WORKLOAD_KINDS);
    item->arrival.ward = pm_text(workload->ward[random_below(&random, WARDS)]);
    package->reference = pm_text(item->reference);
    package->kind = pm_text(kind_names[item->arrival.kind]);
    package->postcode = draw_postcode(workload, &random);
    if (item->arrival.kind == WORKLOAD_RESIDENTIAL)
        draw_place(options->market, &random, item);
    else
        draw_visits(&random, item);
    draw_needs(options->market, &random, item);
    draw_urgency(&random, options->date, &item->arrival);
    draw_circumstances(&random, package);
}

static void draw(struct workload *workload)
{
    const struct pm_market *market = workload->options.market;
    uint64_t random = workload->options.seed;
    for (unsigned i = 0; i < market->prefixes; i++)
        workload->sector_weight[i] = weight_of_sector(market->prefix[i].code);
    for (unsigned i = 0; i < WARDS; i++)
        snprintf(workload->ward[i], NAME, "ward-%02u", i + 1);
    for (size_t at = 0; at < workload->count; at++)
        workload->item[at].arrival.time =
            draw_time(&random, workload->options.date, workload->options.early);
    qsort(workload->item, workload->count, sizeof workload->item[0], compare_times);
    for (size_t at = 0; at < workload->count; at++)
        draw_item(workload, at);
}

static bool market_suits(const struct pm_market *market, struct pm_client_error *error)
{
    for (unsigned kind = 0; kind < WORKLOAD_KINDS; kind++) {
        bool found = false;
        for (unsigned k = 0; k < market->kinds; k++)
            found |= strcmp(market->kind[k].name.text, kind_names[kind]) == 0;
        if (!found) {
            snprintf(error->text, sizeof error->text, "The market has no kind \"%s\".",
                     kind_names[kind]);
            return false;
        }
    }
    if (market->prefixes == 0)
        snprintf(error->text, sizeof error->text, "The market has no postcodes.");
    return market->prefixes != 0;
}

struct workload *workload_open(const struct workload_options *options,
                               struct pm_client_error *error)
{
    if (!market_suits(options->market, error))
        return NULL;
    uint64_t limit = (uint64_t)WORKLOAD_PACKAGES_MAX * 1000 + 499, count = options->discharges;
    count *= options->share; /* of two 32-bit numbers: fits */
    if (options->scale != 0 && count > limit / options->scale) {
        snprintf(error->text, sizeof error->text, "That makes more than %d packages.",
                 WORKLOAD_PACKAGES_MAX);
        return NULL;
    }
    count = (count * options->scale + 500) / 1000;
    struct workload *workload = calloc(1, sizeof *workload + count * sizeof workload->item[0]);
    if (workload == NULL) {
        snprintf(error->text, sizeof error->text, "Out of memory.");
        return NULL;
    }
    workload->options = *options;
    workload->count = count;
    draw(workload);
    return workload;
}

void workload_close(struct workload *workload)
{
    free(workload);
}

size_t workload_count(const struct workload *workload)
{
    return workload->count;
}

const struct workload_arrival *workload_at(const struct workload *workload, size_t at)
{
    return &workload->item[at].arrival;
}

/* References end in their numbers, from 1. */
long workload_find(const struct workload *workload, struct pm_text reference)
{
    size_t number = 0;
    for (uint32_t i = 6; i < reference.length && i < NAME; i++) {
        if (reference.bytes[i] < '0' || reference.bytes[i] > '9')
            return -1;
        number = number * 10 + (size_t)(reference.bytes[i] - '0');
    }
    if (number == 0 || number > workload->count ||
        !pm_text_equal(workload->item[number - 1].arrival.package.reference, reference))
        return -1;
    return (long)number - 1;
}
