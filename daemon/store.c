/*
 * store.c: see store.h.
 */
#include "store.h"

#include "alive.h"
#include "batch.h"
#include "clock.h"
#include "limits.h"
#include "log.h"
#include "memory.h"
#include "replay.h"
#include "rules.h"
#include "snapshot_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The form of the journalled commands. A daemon does not open a journal of another. */
static const char format_name[] = "commands";
static const char format_value[] = "placemat-1";

static bool fail(struct store_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool fail(struct store_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return false;
}

static double seconds_since(uint64_t before_ns)
{
    return (double)(clock_steady_ns() - before_ns) / 1e9;
}

/* ---- Opening ---- */

static bool check_format(struct journal *journal, struct store_error *error)
{
    char value[JOURNAL_META_SIZE_MAX];
    size_t size;
    struct journal_error why = {""};
    int found = journal_meta_get(journal, format_name, value, &size, &why);
    if (found == 0)
        found = journal_meta_set(journal, format_name, format_value, strlen(format_value), &why);
    else if (found > 0 && (size != strlen(format_value) || memcmp(value, format_value, size) != 0))
        return fail(error, "its journal is of another version of Placemat");
    return found < 0 ? fail(error, "%s", why.text) : true;
}

static bool take_memory(struct pm_core *core, struct store_error *error)
{
    uint64_t before = clock_steady_ns();
    size_t bytes;
    if (!memory_take(core, &bytes))
        return fail(error, "cannot take the %zu MiB of its limits: %s", bytes >> 20,
                    strerror(errno));
    log_info("took %zu MiB in %.2f s", bytes >> 20, seconds_since(before));
    return true;
}

static bool open_core(struct store *store, struct store_error *error)
{
    store->core = pm_core_open(&store->limits);
    if (store->core == NULL)
        return fail(error, "not enough memory for its limits");
    return !store->resident || take_memory(store->core, error);
}

static void passed_over(void *context, const char *sentence)
{
    (void)context;
    log_warn("%s", sentence);
}

/* A snapshot that cannot be used, as after an update: the whole journal says the same, in longer.
 */
static bool begin_again(struct store *store, uint64_t sequence, const char *why,
                        struct store_error *error)
{
    log_warn("snapshot at %" PRIu64 " is passed over, the journal replayed from its start: %s",
             sequence, why);
    pm_core_close(store->core);
    return open_core(store, error);
}

/* Brings the core from where it is to where the journal ends. */
static bool catch_up(struct store *store, struct store_error *error)
{
    struct replay_error why = {""};
    uint64_t before = clock_steady_ns(), applied;
    if (!replay(store->journal, store->core, &applied, &why))
        return fail(error, "the journal cannot be replayed after %" PRIu64 ": %s",
                    pm_core_sequence(store->core), why.text);
    if (pm_core_sequence(store->core) != journal_last(store->journal))
        return fail(error, "the journal ends at %" PRIu64 ", the state at %" PRIu64,
                    journal_last(store->journal), pm_core_sequence(store->core));
    if (applied > 0)
        log_info("replayed %" PRIu64 " commands in %.2f s", applied, seconds_since(before));
    return true;
}

/* Brings a fresh core to the newest snapshot that is whole; to nothing when there is none. */
static bool restore(const char *directory, struct store *store, struct store_error *error)
{
    struct snapshot_image image = {0};
    struct journal_error why = {""};
    char mistake[128] = "";
    uint64_t before = clock_steady_ns();
    int found = snapshot_file_load(directory, journal_last(store->journal), passed_over, NULL,
                                   &image, &why);
    if (found < 0)
        return fail(error, "%s", why.text);
    if (found == 0)
        return true;
    uint64_t sequence = image.sequence;
    bool restored = pm_core_restore(store->core, image.bytes, image.size, mistake);
    snapshot_file_release(&image);
    if (!restored)
        return begin_again(store, sequence, mistake, error);
    if (pm_core_sequence(store->core) != sequence)
        return begin_again(store, sequence, "It is the state at another sequence.", error);
    store->snapshot_last = sequence;
    log_info("snapshot at %" PRIu64 " restored in %.2f s", store->snapshot_last,
             seconds_since(before));
    return true;
}

/* The state is what these rules make of it, and goes on so. */
static bool accept_rules(struct journal *journal, struct store_error *error)
{
    log_warn("what was journalled by other rules is taken as these have it, up to %" PRIu64,
             journal_last(journal));
    return rules_note(journal, error->text);
}

static bool open_all(const struct options *options, struct store *store, struct store_error *error)
{
    struct journal_options journal = {.backend = options->journal, .directory = options->data};
    struct journal_error why = {""};
    bool others;
    if (journal_open(&journal, &store->journal, &why) < 0)
        return fail(error, "%s", why.text);
    return check_format(store->journal, error) &&
           rules_check(store->journal, options->accept_rules, &others, error->text) &&
           limits_settle(store->journal, &options->limits, &store->limits, error->text) &&
           open_core(store, error) && (!options->keeps || restore(options->data, store, error)) &&
           catch_up(store, error) && (!others || accept_rules(store->journal, error));
}

bool store_open(const struct options *options, struct store *out, struct store_error *error)
{
    struct store_error why = {""};
    *out = (struct store){.resident = options->resident};
    if (open_all(options, out, &why))
        return true;
    store_close(out);
    return fail(error, "%s: %.400s", options->data, why.text);
}

void store_close(struct store *store)
{
    journal_close(store->journal);
    if (store->core)
        pm_core_close(store->core);
    *store = (struct store){0};
}

/* ---- Commands of the daemon's own ---- */

/* Journals and applies one. */
static bool enter(struct store *store, enum pm_role role, struct pm_text market,
                  const struct pm_command *command, int64_t time, struct pm_result *result,
                  struct store_error *error)
{
    struct pm_entry entry = {.sequence = pm_core_sequence(store->core) + 1,
                             .time = time,
                             .market = market,
                             .actor = {.role = (uint8_t)role, .name = pm_text("placematd")},
                             .command = command};
    struct batch *batch = batch_create(1);
    if (!batch || !batch_add_entry(batch, &entry)) {
        batch_destroy(batch);
        return fail(error, "out of memory");
    }
    *result = pm_core_apply(store->core, &entry);
    struct journal_batch journalled = {.first = batch->first,
                                       .last = batch->last,
                                       .bytes = batch->entries.bytes,
                                       .size = batch->entries.used};
    /* What the core refuses is not worth a place: the daemon will not start with it. */
    bool done =
        result->status != PM_OK || journal_append(store->journal, &journalled) == JOURNAL_OK;
    batch_destroy(batch);
    return done ? true : fail(error, "%s", journal_problem(store->journal));
}

bool store_note_outage(struct store *store, const char *directory, struct store_error *error)
{
    enum { LEAST_MS = 60000 }; /* less is within what people wait for each other */
    struct pm_result result;
    int64_t now = clock_wall_ms(), since = alive_read(directory);
    if (since < pm_core_time(store->core))
        since = pm_core_time(store->core);
    if (pm_core_sequence(store->core) == 0 || now - since < LEAST_MS)
        return true;
    const struct pm_command command = {.verb = PM_OUTAGE, .tick = {.time = since}};
    if (!enter(store, PM_DAEMON, (struct pm_text){0}, &command, now, &result, error))
        return false;
    log_warn("nobody could answer for %" PRId64 " minutes: answers may be as much later",
             (now - since) / 60000);
    return true;
}

/* ---- Markets ---- */

/* Where a told clock begins: at the market file's newest statement of capacity, since none may be
 * of a time to come. */
static int64_t newest_statement(const struct pm_load *load)
{
    int64_t newest = 0;
    for (uint32_t i = 0; i < load->supplies; i++) {
        const struct pm_command *supply = &load->supply[i];
        if (supply->verb == PM_CAPACITY_SET && supply->capacity.as_of > newest)
            newest = supply->capacity.as_of;
    }
    return newest;
}

static bool load(struct store *store, const struct pm_command *command, bool manual_clock,
                 struct store_error *error)
{
    struct pm_text name = pm_text(command->load.market->name.text);
    struct pm_result result = {0};
    if (pm_core_has_market(store->core, name)) {
        log_info("market %s is already loaded", name.bytes);
        return true;
    }
    int64_t time = pm_core_time(store->core);
    int64_t now = manual_clock ? newest_statement(&command->load) : clock_wall_ms();
    if (now > time)
        time = now;
    if (!enter(store, PM_OPERATOR, name, command, time, &result, error))
        return false;
    if (result.status != PM_OK && result.id != 0)
        return fail(error, "%s (supply item %" PRIu64 ")", pm_status_sentence(result.status),
                    result.id);
    if (result.status != PM_OK)
        return fail(error, "%s", pm_status_sentence(result.status));
    log_info("market %s loaded: %" PRIu32 " supply items", name.bytes, command->load.supplies);
    return true;
}

bool store_load_market(struct store *store, const char *path, bool manual_clock,
                       struct store_error *error)
{
    struct pm_market_file *file;
    struct pm_client_error mistake = {""};
    struct store_error why = {""};
    if (!pm_market_file_read(path, &file, &mistake))
        return fail(error, "%s", mistake.text);
    bool loaded = load(store, pm_market_file_command(file), manual_clock, &why);
    pm_market_file_free(file);
    return loaded ? true : fail(error, "%s: %.400s", path, why.text);
}
