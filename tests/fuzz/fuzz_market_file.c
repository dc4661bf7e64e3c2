/*
 * fuzz_market_file.c: market files from hostile hands. The first byte chooses which of the five
 * files the rest is; the others are good ones. Whatever is read must be a command whose arrays and
 * texts are all there, and whatever is refused must say why.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../client/market_file.h"
#include "tests/lib/fuzz.h"

enum { FILES = 5 };
static const char *const names[FILES] = {"fuzz.yaml", "p", "l", "o", "s"};
static const char *const good[FILES] = {
    "name: fuzz\ntitle: Fuzz\nsalt: 1\nlapse: ask\nkeep_days: 1\n"
    "priority: {raise: {no_cover: 1, family: 0, on_notice: 3}, raise_after: 7d}\n"
    "quality: {unrated: 1, inadequate: 0, requires_improvement: 1, good: 1, outstanding: 1}\n"
    "localities: {A: {postcodes: [ZX1], neighbours: [B]}, B: {postcodes: [ZX2 1, ZX2 2AB]}}\n"
    "capabilities: [c, d]\nlots: {m: {from: 2024-01-01, to: 2030-01-01}}\n"
    "calendars: {k: {time_zone: Europe/London, from: 2025-12-01, to: 2027-01-05,\n"
    "    open: {mon: \"09:00-12:00 13:00-17:00\", sun: 00:30-01:30}, closed: [2026-12-28]}}\n"
    "kinds:\n  h:\n    unit: minutes\n    calendar: k\n    share_cap: 400h\n    ask_again: 2d\n"
    "    bonus: {continuity: 9, cluster: 5, cluster_most: 20, preference: 7}\n"
    "    bands: [{name: e, days: mon-fri, from: \"06:00\", to: \"12:00\"},\n"
    "            {name: f, days: \"sat,sun\", from: \"06:00\", to: \"12:00\"}]\n"
    "    rates: {min: 12.00, max: 45.00, ceiling: 33.50, reference: 24.10}\n    largest: 100h\n"
    "    weights: {price: 60, quality: 40}\n"
    "    ladder: [{route: choice, tiers: [1], where: home, window: 4h, decide: 1d, invite: 3},\n"
    "             {route: open_offer, tiers: [1], where: home, window: 4h, close: at_first},\n"
    "             {route: round, tiers: [1], where: home, binding: yes, award: automatic},\n"
    "             {route: spot_offer, tiers: [1], where: home, window: 9, floor: 14, ceiling: "
    "40},\n"
    "             {route: call_off, tiers: [1], where: home, window: 4h},\n"
    "             {route: broker_award, window: 1d},\n"
    "             {route: last_resort, tiers: [1], where: everywhere}]\n"
    "files: {providers: p, locations: l, pools: o, services: s}\n",
    "provider,title,standing\np,P,active\n",
    "location,provider,title,cqc,rating,score,standing\nl,p,L,x,good,50,\n",
    "pool,location,kind,mode,spare,as_of,valid_until\no,l,h,declared,e=1;f=2,2024-01-01,2025-01-01 "
    "10:00\n",
    "service,pool,kind,lot,tier,contract,localities,sectors,capabilities,rate,standing,"
    "uplift\ns,o,h,m,1,spot,A;B,ZX1 1,c;d,2024-01-01=20;2025-01-01=21.5,,2025-01-01\n",
};

struct input {
    int file; /* which is hostile */
    const char *bytes;
    size_t size;
};

static bool fetch(void *context, const char *name, size_t limit, char **bytes, size_t *size,
                  char why[80])
{
    const struct input *input = context;
    int file = 0;
    for (int i = 1; name != NULL && i < FILES; i++) {
        if (strcmp(name, names[i]) == 0)
            file = i;
    }
    if (name != NULL && file == 0) {
        (void)snprintf(why, 80, "no such file");
        return false;
    }
    const char *from = file == input->file ? input->bytes : good[file];
    *size = file == input->file ? input->size : strlen(good[file]);
    if (*size > limit)
        *size = limit;
    *bytes = malloc(*size + 1);
    if (*bytes == NULL)
        abort();
    memcpy(*bytes, from, *size);
    return true;
}

static uint64_t sum;

/* Reads every byte, so that a sanitizer sees a text that is not there. */
static void touch(struct pm_text text)
{
    for (uint32_t i = 0; i < text.length; i++)
        sum += (unsigned char)text.bytes[i];
}

static void touch_service(const struct pm_service_put *put)
{
    if (put->rates == 0 || put->rates > PM_RATES_MAX || put->sectors > PM_SECTORS_MAX)
        abort();
    if (put->tier == 0 || put->tier > PM_TIERS_MAX || put->localities + put->sectors == 0)
        abort();
    for (size_t i = 0; i < put->localities; i++)
        touch(put->locality[i]);
    for (size_t i = 0; i < put->capabilities; i++)
        touch(put->capability[i]);
    for (size_t i = 0; i < put->sectors; i++)
        sum += put->sector[i];
    for (size_t i = 0; i < put->rates; i++)
        sum += (uint64_t)put->rate[i].pence;
    touch(put->service);
    touch(put->pool);
    touch(put->lot);
}

static void touch_command(const struct pm_command *command)
{
    switch (command->verb) {
    case PM_PROVIDER_PUT:
        touch(command->provider.provider);
        touch(command->provider.title);
        return;
    case PM_LOCATION_PUT:
        touch(command->location.location);
        touch(command->location.provider);
        touch(command->location.cqc);
        return;
    case PM_POOL_PUT:
        touch(command->pool.pool);
        touch(command->pool.location);
        return;
    case PM_CAPACITY_SET:
        if (command->capacity.bands == 0 || command->capacity.bands > PM_BANDS_MAX)
            abort();
        touch(command->capacity.pool);
        return;
    case PM_SERVICE_PUT:
        touch_service(&command->service);
        return;
    default:
        abort();
    }
}

static void check_step(const struct pm_kind *kind, const struct pm_step *step)
{
    if (step->route == 0 || step->route >= PM_STEP_ROUTES || step->where == 0 || step->tiers == 0)
        abort();
    if (step->award + step->binding >= PM_AWARD_MODES || step->close >= PM_CLOSES)
        abort();
    if (step->invite > PM_INVITED_MAX || (step->route == PM_LAST_RESORT && step->window != 0))
        abort();
    bool below = step->floor != 0 && step->floor < kind->rate_min;
    if (below || step->ceiling > kind->rate_max)
        abort();
}

static void check_rules(const struct pm_load *load)
{
    const struct pm_market *market = load->market;
    if (market->kinds == 0 || market->kinds > PM_KINDS_MAX || load->calendars > PM_CALENDARS_MAX)
        abort();
    for (size_t i = 0; i < market->kinds; i++) {
        const struct pm_kind *kind = &market->kind[i];
        if (kind->calendar > load->calendars || kind->steps == 0 || kind->steps > PM_STEPS_MAX)
            abort();
        for (size_t j = 0; j < kind->steps; j++)
            check_step(kind, &kind->step[j]);
    }
}

/* In order, not empty, not touching. */
static void check_calendar(const struct pm_calendar *calendar)
{
    if (calendar->openings == 0 || calendar->openings > PM_OPENINGS_MAX)
        abort();
    if (calendar->opening[0].from < 0)
        abort();
    for (uint32_t i = 0; i < calendar->openings; i++) {
        const struct pm_opening *opening = &calendar->opening[i];
        if (opening->from >= opening->to || (i > 0 && opening[-1].to >= opening->from))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct input input = {.file = (uint8_t)(data[0] - '0') % FILES,
                          .bytes = (const char *)data + 1,
                          .size = size - 1};
    const struct market_source source = {.name = names[0], .fetch = fetch, .context = &input};
    struct pm_market_file *file = NULL;
    struct pm_client_error error;
    if (!mf_read(&source, &file, &error)) {
        if (file != NULL || strlen(error.text) < strlen("fuzz.yaml: x"))
            abort();
        return 0;
    }
    const struct pm_load *load = &pm_market_file_command(file)->load;
    check_rules(load);
    for (uint32_t i = 0; i < load->calendars; i++)
        check_calendar(&load->calendar[i]);
    for (uint32_t i = 0; i < load->supplies; i++)
        touch_command(&load->supply[i]);
    pm_market_file_free(file);
    return 0;
}
