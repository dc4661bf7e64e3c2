/*
 * surge_deeds.c: what is done when its time has come: a ward posts, a provider answers, a family
 * chooses, a broker states what pools have to spare and opens rounds, a provider fails.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "surge.h"

/* ---- Sending ---- */

bool surge_send_all(struct surge_run *run, uint32_t market, struct pm_actor actor, unsigned deed,
                    size_t index, uint64_t intended_ns, const struct pm_command *command,
                    uint32_t count)
{
    struct link_call call = {.actor = actor,
                             .market = pm_text(run->plan->market[market].name.text),
                             .at = market,
                             .parks = deed == SURGE_WATCH,
                             .deed = deed,
                             .index = index,
                             .intended_ns = intended_ns};
    return link_send(run->link, &call, command, count);
}

bool surge_send(struct surge_run *run, uint32_t market, struct pm_actor actor, unsigned deed,
                size_t index, uint64_t intended_ns, const struct pm_command *command)
{
    return surge_send_all(run, market, actor, deed, index, intended_ns, command, 1);
}

struct pm_actor surge_broker(void)
{
    return (struct pm_actor){.role = PM_BROKER, .name = {"surge", 5}};
}

/* ---- Deeds ---- */

static bool arrive(struct surge_run *run, size_t index, uint64_t due)
{
    const struct surge_package *package = &run->package[index];
    struct pm_actor ward = {.role = PM_HOSPITAL, .name = package->arrival->ward};
    struct pm_command post = {.verb = PM_PACKAGE_POST, .package = package->arrival->package};
    return surge_send(run, package->market, ward, SURGE_ARRIVAL, index, due, &post);
}

/* A provider cannot be expected to answer before it has heard of the offer. */
static bool answer(struct surge_run *run, size_t index, uint64_t due)
{
    const struct surge_offer *offer = &run->offer[index];
    struct pm_actor provider = {.role = PM_PROVIDER, .name = pm_text(offer->provider.text)};
    struct pm_command command = {.answer = {.offer = offer->id, .code = offer->answer.code}};
    if (offer->state != PM_OFFER_OPEN && offer->state != PM_OFFER_IS_EXPIRED)
        return true; /* taken back, and the provider knows */
    command.verb = offer->answer.says == WORKLOAD_ACCEPTS ? PM_OFFER_ACCEPT : PM_OFFER_DECLINE;
    return surge_send(run, run->package[offer->package].market, provider, SURGE_ANSWER, index,
                      due > offer->learned_ns ? due : offer->learned_ns, &command);
}

/* The family takes the first home that tendered: they were invited best first. */
static bool choose(struct surge_run *run, size_t index, uint64_t due)
{
    const struct surge_package *package = &run->package[index];
    size_t first = 0;
    for (size_t at = package->offer; at != 0; at = run->offer[at - 1].previous)
        if (run->offer[at - 1].state == PM_OFFER_TENDERED)
            first = at;
    if (package->state != PM_CHOOSING || first == 0)
        return true;
    struct pm_command command = {.verb = PM_CHOICE_RECORD,
                                 .choice = {.reference = package->arrival->package.reference,
                                            .referrer = package->arrival->ward,
                                            .offer = run->offer[first - 1].id,
                                            .decided_by = PM_THE_FAMILY}};
    return surge_send(run, package->market, surge_broker(), SURGE_CHOICE, index, due, &command);
}

/* Pools have again what they had to spare: other carers' hours, another day's vacancies. A broker
 * sends the list of them all. */
static bool state_capacity(struct surge_run *run, size_t market, uint64_t due)
{
    const struct pm_load *load = surge_plan_load(run->plan);
    struct pm_command *stated = calloc(load->supplies + 1, sizeof *stated);
    uint32_t count = 0;
    if (stated == NULL)
        return surge_say("out of memory.");
    for (uint32_t s = 0; s < load->supplies && count < PM_COMMANDS_MAX; s++) {
        if (load->supply[s].verb != PM_CAPACITY_SET)
            continue;
        struct pm_command *command = &stated[count++];
        *command = load->supply[s];
        command->capacity.as_of = command->capacity.valid_until = 0;
        for (unsigned b = 0; b < PM_BANDS_MAX; b++)
            command->capacity.spare[b] =
                surge_spare(&run->plan->market[market], command->capacity.spare[b]);
    }
    bool good = count == 0 || surge_send_all(run, (uint32_t)market, surge_broker(), SURGE_CAPACITY,
                                             market, due, stated, count);
    free(stated);
    return good;
}

static bool open_round(struct surge_run *run, size_t market, uint64_t due)
{
    struct pm_command command = {.verb = PM_ROUND_OPEN};
    return run->gathered[market] == 0 ||
           surge_send(run, (uint32_t)market, surge_broker(), SURGE_ROUND, market, due, &command);
}

/* The supply of the market file that is this provider; its number otherwise. */
static uint32_t supply_of(const struct pm_load *load, const char *provider)
{
    uint32_t at = 0;
    while (at < load->supplies &&
           (load->supply[at].verb != PM_PROVIDER_PUT ||
            !pm_text_equal(load->supply[at].provider.provider, pm_text(provider))))
        at++;
    return at;
}

/* Of the market's offers that were accepted, the provider with the most. */
static const char *busiest_provider(const struct surge_run *run, size_t market)
{
    const struct pm_load *load = surge_plan_load(run->plan);
    const struct surge_market *of = &run->plan->market[market];
    size_t *accepted = calloc(load->supplies + 1ull, sizeof *accepted);
    uint32_t busiest = load->supplies;
    for (size_t i = of->first[0]; accepted != NULL && i < of->first[run->plan->options->days]; i++)
        for (size_t o = run->package[i].offer; o != 0; o = run->offer[o - 1].previous)
            if (run->offer[o - 1].state == PM_OFFER_ACCEPTED)
                accepted[supply_of(load, run->offer[o - 1].provider.text)]++;
    for (uint32_t at = 0; accepted != NULL && at < load->supplies; at++)
        if (accepted[at] > (busiest < load->supplies ? accepted[busiest] : 0))
            busiest = at;
    free(accepted);
    return busiest < load->supplies ? load->supply[busiest].provider.provider.bytes : NULL;
}

static bool fail_provider(struct surge_run *run, size_t market, uint64_t due)
{
    const char *provider = busiest_provider(run, market);
    struct pm_command command = {.verb = PM_PROVIDER_FAIL, .failure = {.mode = PM_FAIL_CEASED}};
    if (provider == NULL)
        return true;
    run->failed++;
    command.failure.provider = pm_text(provider);
    return surge_send(run, (uint32_t)market, surge_broker(), SURGE_FAILURE, market, due, &command);
}

bool surge_do(struct surge_run *run, const struct diary_item *item)
{
    static bool (*const deeds[SURGE_DEEDS])(struct surge_run *, size_t, uint64_t) = {
        [SURGE_ARRIVAL] = arrive,   [SURGE_ANSWER] = answer,
        [SURGE_CHOICE] = choose,    [SURGE_CAPACITY] = state_capacity,
        [SURGE_ROUND] = open_round, [SURGE_FAILURE] = fail_provider};
    return deeds[item->deed](run, item->index, surge_due_ns(run, item->at));
}
