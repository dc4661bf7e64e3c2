/*
 * surge_market.c: a market for each trust, and as many more like it as the scale says. All are the
 * demonstration's: its rules and providers, with capacity in proportion to the trust.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "surge.h"

enum {
    MEAN_OF_FILE = 239,    /* discharges a day that the market file's supply is made for: RAJ's */
    SHARE = 125,           /* thousandths of the people discharged who need a package */
    OFFERS_A_PACKAGE = 24, /* room for, as far as there can be */
    ACTORS_A_MARKET = 60,  /* clients of its own, */
    CLIENTS_MOST = 8192,   /* of whom this many are remembered: 256 MiB */
    EVENTS = 1 << 20,      /* kept by the daemon: many markets are told at once */
    LIMIT_MOST = (1 << 24) - 1,
};

/* ---- Packages ---- */

static struct workload *draw(const struct surge_plan *plan, size_t market, unsigned day,
                             struct pm_client_error *error)
{
    const struct workload_trust *trust = plan->market[market].trust;
    struct workload_options wanted = {.market = surge_plan_load(plan)->market,
                                      .seed = plan->options->seed + market * 1000 + day,
                                      .date = plan->options->date + (int32_t)day,
                                      .discharges = trust->discharges[day],
                                      .share = SHARE,
                                      .scale = 1,
                                      .early = trust->early[day]};
    return workload_open(&wanted, error);
}

/* "rqx", and "rqx-2" for the second. */
static void name_market(struct surge_market *market, uint32_t copy)
{
    char *name = market->name.text;
    snprintf(name, sizeof market->name.text, "%.16s", market->trust->code.text);
    for (char *letter = name; *letter != '\0'; letter++)
        if (*letter >= 'A' && *letter <= 'Z')
            *letter = (char)(*letter - 'A' + 'a');
    if (copy > 0)
        snprintf(name + strlen(name), 12, "-%" PRIu32, copy + 1);
}

static bool add_market(struct surge_plan *plan, const struct workload_trust *trust, uint32_t copy,
                       struct pm_client_error *error)
{
    struct surge_market *market = &plan->market[plan->markets];
    market->trust = trust;
    name_market(market, copy);
    plan->markets++;
    for (unsigned day = 0; day < plan->options->days; day++) {
        market->workload[day] = draw(plan, plan->markets - 1, day, error);
        if (market->workload[day] == NULL)
            return false;
        market->first[day] = plan->packages;
        plan->packages += workload_count(market->workload[day]);
        plan->discharges += trust->discharges[day];
    }
    market->first[plan->options->days] = plan->packages;
    return true;
}

/* So many times the people, and so the capacity, of the same providers. */
static void enlarge(struct surge_plan *plan)
{
    for (size_t i = 0; i < plan->trusts; i++) {
        plan->trust[i].mean *= plan->options->times;
        for (unsigned day = 0; day < plan->options->days; day++)
            plan->trust[i].discharges[day] *= plan->options->times;
    }
}

bool surge_plan_open(const struct surge_options *options, struct surge_plan *out,
                     struct pm_client_error *error)
{
    *out = (struct surge_plan){.options = options};
    if (!pm_market_file_read(options->market, &out->file, error) ||
        !workload_trusts(options->data, pm_text(options->trust), options->date, options->days,
                         &out->trust, &out->trusts, error))
        return false;
    enlarge(out);
    out->market = calloc(out->trusts * options->scale, sizeof *out->market);
    if (out->market == NULL) {
        snprintf(error->text, sizeof error->text, "Out of memory.");
        return false;
    }
    for (uint32_t copy = 0; copy < options->scale; copy++)
        for (size_t i = 0; i < out->trusts; i++)
            if (!add_market(out, &out->trust[i], copy, error))
                return false;
    return true;
}

void surge_plan_close(struct surge_plan *plan)
{
    for (size_t i = 0; i < plan->markets; i++)
        for (unsigned day = 0; day < plan->options->days; day++)
            workload_close(plan->market[i].workload[day]);
    free(plan->market);
    free(plan->trust);
    pm_market_file_free(plan->file);
}

const struct pm_load *surge_plan_load(const struct surge_plan *plan)
{
    return &pm_market_file_command(plan->file)->load;
}

long surge_find(const struct surge_market *market, unsigned days, struct pm_text reference)
{
    for (unsigned day = 0; day < days; day++) {
        long at = workload_find(market->workload[day], reference);
        if (at >= 0)
            return (long)market->first[day] + at;
    }
    return -1;
}

/* ---- Markets ---- */

int32_t surge_spare(const struct surge_market *market, int32_t spare)
{
    int64_t scaled = ((int64_t)spare * market->trust->mean + MEAN_OF_FILE / 2) / MEAN_OF_FILE;
    return (int32_t)(scaled > 0 || spare == 0 ? scaled : 1);
}

/* Homecare is first gathered for a round, whose finds are offered as by a call-off. */
static void put_round_first(struct pm_market *rules)
{
    enum { WINDOW = 240 }; /* minutes, as the first step of the file */
    for (unsigned k = 0; k < rules->kinds; k++) {
        struct pm_kind *kind = &rules->kind[k];
        if (strcmp(kind->name.text, workload_kind_name(WORKLOAD_HOMECARE)) != 0 ||
            kind->steps == PM_STEPS_MAX)
            continue;
        memmove(kind->step + 1, kind->step, kind->steps * sizeof kind->step[0]);
        kind->step[0] = (struct pm_step){
            .route = PM_ROUND, .where = PM_NEIGHBOURS, .tiers = 3, .window = WINDOW};
        kind->steps++;
    }
}

static void scale_supply(const struct surge_market *market, struct pm_command *supply,
                         uint32_t supplies)
{
    for (uint32_t i = 0; i < supplies; i++)
        for (unsigned b = 0; supply[i].verb == PM_CAPACITY_SET && b < PM_BANDS_MAX; b++)
            supply[i].capacity.spare[b] = surge_spare(market, supply[i].capacity.spare[b]);
}

bool surge_market_load(const struct surge_plan *plan, size_t market, bool rounds, struct link *link)
{
    const struct surge_market *of = &plan->market[market];
    struct pm_load load = *surge_plan_load(plan);
    struct pm_market *rules = malloc(sizeof *rules);
    struct pm_command *supply = calloc(load.supplies, sizeof *supply);
    struct link_call call = {.actor = {.role = PM_OPERATOR, .name = {"surge", 5}},
                             .market = pm_text(of->name.text),
                             .at = (uint32_t)market,
                             .deed = SURGE_LOAD};
    bool good = rules != NULL && supply != NULL;
    if (good) {
        *rules = *load.market;
        rules->name = of->name;
        for (unsigned k = 0; k < rules->kinds; k++)
            rules->kind[k].share_cap *= (int32_t)plan->options->times;
        if (rounds)
            put_round_first(rules);
        memcpy(supply, load.supply, load.supplies * sizeof *supply);
        scale_supply(of, supply, load.supplies);
        load.market = rules;
        load.supply = supply;
        good =
            link_send(link, &call, &(struct pm_command){.verb = PM_MARKET_LOAD, .load = load}, 1);
    }
    free(rules);
    free(supply);
    return good ? true : surge_say("a market cannot be loaded.");
}

/* ---- The daemon ---- */

static size_t count_supply(const struct pm_load *load, unsigned verb)
{
    size_t count = 0;
    for (uint32_t i = 0; i < load->supplies; i++)
        count += load->supply[i].verb == verb;
    return count;
}

enum { LIMITS = 12, TEXT = 24 };

/* Every market's watch may come back at once, beside all else that is in flight. */
static uint64_t work_out_queue(size_t markets)
{
    enum { LEAST = 4096, MOST = 1 << 20, BESIDE = 1024 };
    uint64_t queue = LEAST;
    while (queue < MOST && queue < 2 * (markets + BESIDE))
        queue *= 2;
    return queue;
}

static void work_out_limits(const struct surge_plan *plan, uint64_t limit[LIMITS])
{
    const struct pm_load *load = surge_plan_load(plan);
    size_t markets = plan->markets, actors = markets * ACTORS_A_MARKET + 1;
    uint64_t offers = (plan->packages + 1) * OFFERS_A_PACKAGE;
    const uint64_t limits[LIMITS] = {markets,
                                     markets * count_supply(load, PM_PROVIDER_PUT),
                                     markets * count_supply(load, PM_LOCATION_PUT),
                                     markets * count_supply(load, PM_POOL_PUT),
                                     markets * count_supply(load, PM_SERVICE_PUT),
                                     plan->packages + 1,
                                     offers < LIMIT_MOST ? offers : LIMIT_MOST,
                                     (plan->packages + 1) * 2,
                                     markets * load->market->kinds * load->market->localities,
                                     actors < CLIENTS_MOST ? actors : CLIENTS_MOST,
                                     work_out_queue(markets),
                                     EVENTS};
    memcpy(limit, limits, sizeof limits);
}

bool surge_daemon_start(const struct surge_plan *plan, const struct directory *directory,
                        struct process *daemon)
{
    static const char *const names[LIMITS] = {
        "--limit-markets",   "--limit-providers", "--limit-locations", "--limit-pools",
        "--limit-services",  "--limit-packages",  "--limit-offers",    "--limit-placements",
        "--limit-waitlists", "--limit-clients",   "--queue",           "--events"};
    char text[LIMITS][TEXT];
    const char *more[2 * LIMITS + 3] = {"--clock", "manual"};
    uint64_t limit[LIMITS];
    work_out_limits(plan, limit);
    for (size_t i = 0; i < LIMITS; i++) {
        if (limit[i] > LIMIT_MOST)
            return surge_say("%s would have to be %" PRIu64 ", and %d is the most.", names[i],
                             limit[i], LIMIT_MOST);
        snprintf(text[i], TEXT, "%" PRIu64, limit[i]);
        more[2 + 2 * i] = names[i];
        more[3 + 2 * i] = text[i];
    }
    return daemon_start(daemon, &(struct daemon_options){.directory = directory,
                                                         .journal = plan->options->journal,
                                                         .snapshot_every = 0, /* a copy of it all */
                                                         .more = more});
}
