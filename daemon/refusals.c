/*
 * refusals.c: see refusals.h.
 */
#include "refusals.h"

#include "daemon/clock.h"
#include "daemon/log.h"

#include <string.h>

static atomic_uint_fast64_t second, written, left_out; /* of the lines in that second */

/* May another line be written now? */
static bool take_turn(void)
{
    uint64_t now = clock_steady_ns() / 1000000000u;
    if (atomic_exchange_explicit(&second, now, memory_order_relaxed) != now)
        atomic_store_explicit(&written, 0, memory_order_relaxed);
    return atomic_fetch_add_explicit(&written, 1, memory_order_relaxed) < REFUSALS_A_SECOND;
}

static struct pm_text named(const char *name)
{
    return pm_text(name ? name : "");
}

/* A name that may stand in the log: who is not let in might state anything. */
static struct pm_text short_name(struct pm_text name)
{
    return name.bytes && name.length <= PM_NAME_MAX ? name : pm_text("");
}

static void write_line(struct log_field *fields, size_t count)
{
    if (!log_writes(LOG_LEVEL_INFO))
        return;
    uint64_t before = atomic_exchange_explicit(&left_out, 0, memory_order_relaxed);
    fields[count] = before ? (struct log_field){.name = "left_out", .number = before}
                           : (struct log_field){.name = "left_out", .text = pm_text("")};
    if (!take_turn() || !log_event(LOG_LEVEL_INFO, "refused", fields, count + 1))
        atomic_fetch_add_explicit(&left_out, before + 1, memory_order_relaxed);
}

void refusals_of_request(struct stats *stats, uint16_t status, const char *detail,
                         const struct wire_request *wire)
{
    static const struct wire_request nothing;
    atomic_fetch_add_explicit(&stats->requests_refused[status], 1, memory_order_relaxed);
    const struct wire_request *known = wire ? wire : &nothing;
    struct log_field fields[8] = {
        {.name = "status", .text = named(pm_status_name(status))},
        {.name = "market", .text = short_name(known->market)},
        {.name = "role", .text = named(known->actor.role ? pm_role_name(known->actor.role) : "")},
        {.name = "actor", .text = short_name(known->actor.name)},
        {.name = "client", .number = known->client},
        {.name = "number", .number = known->first_number},
        {.name = "reason", .text = named(detail)},
    };
    write_line(fields, 7);
}

void refusals_of_command(struct stats *stats, uint16_t status, const struct pm_entry *entry)
{
    atomic_fetch_add_explicit(&stats->commands_refused[status], 1, memory_order_relaxed);
    struct log_field fields[9] = {
        {.name = "command", .text = named(pm_verb_name(entry->command->verb))},
        {.name = "status", .text = named(pm_status_name(status))},
        {.name = "market", .text = short_name(entry->market)},
        {.name = "role", .text = named(pm_role_name(entry->actor.role))},
        {.name = "actor", .text = short_name(entry->actor.name)},
        {.name = "client", .number = entry->client},
        {.name = "number", .number = entry->number},
        {.name = "reason", .text = named(pm_status_sentence(status))},
    };
    write_line(fields, 8);
}
