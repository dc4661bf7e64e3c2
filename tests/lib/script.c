/* script.c - running a script: its lines and words, commands applied, time moved. */
#include "tests/lib/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli_parse.h"
#include "core/hash.h"
#include "tests/lib/script_parts.h"
#include "tests/lib/solved.h"

static const int64_t DAY = 24 * 60 * 60 * INT64_C(1000);

void script_open(struct script *script)
{
    memset(script, 0, sizeof *script);
    script->limits = world_limits;
    world_rules(&script->rules);
}

void script_close(struct script *script)
{
    if (script->world.core != NULL)
        world_close(&script->world);
}

bool script_wrong(struct script *script, const char *format, ...)
{
    if (script->error[0] != '\0')
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script->error, sizeof script->error, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- Words and what they say ---- */

void *script_memory(struct script *script, size_t count, size_t size)
{
    size_t at = (script->used + 15) & ~(size_t)15;
    if (at + count * size > sizeof script->memory)
        abort(); /* the script is longer than any should be */
    script->used = at + count * size;
    return script->memory + at;
}

char *script_next(struct script *script)
{
    return script->at < script->words ? script->word[script->at++] : NULL;
}

char *script_need(struct script *script, const char *what)
{
    static char none[1];
    char *word = script_next(script);
    if (word != NULL)
        return word;
    script_wrong(script, "%s is missing", what);
    none[0] = '\0';
    return none;
}

bool script_take(struct script *script, const char *word)
{
    if (script->at >= script->words || strcmp(script->word[script->at], word) != 0)
        return false;
    script->at++;
    return true;
}

uint32_t script_list(struct script *script, char *word, struct pm_text **out)
{
    struct pm_text rest = pm_text(word), part;
    struct pm_text *list = script_memory(script, strlen(word) / 2 + 2, sizeof *list);
    uint32_t count = 0;
    *out = list;
    if (strcmp(word, "none") != 0)
        while (cli_next_part(&rest, ',', &part))
            list[count++] = part;
    return count;
}

bool script_number(struct script *script, const char *word, int64_t *out)
{
    char *end;
    *out = strtoll(word, &end, 0);
    return (end != word && *end == '\0') || script_wrong(script, "\"%s\" is no number", word);
}

bool script_duration(struct script *script, const char *word, int64_t *out)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *unit;
    long long count = strtoll(word, &unit, 10);
    for (size_t u = 0; unit != word && u < sizeof units / sizeof *units; u++)
        if (strcmp(unit, units[u].unit) == 0) {
            *out = count * units[u].ms;
            return true;
        }
    return script_wrong(script, "\"%s\" is no duration", word);
}

bool script_time(struct script *script, const char *word, int64_t *out)
{
    struct pm_client_error error;
    int64_t from_now = 0;
    int32_t date;
    if (strcmp(word, "now") == 0 || *word == '+') {
        bool good = *word != '+' || script_duration(script, word + 1, &from_now);
        *out = script->world.time + from_now;
        return good;
    }
    if (cli_parse_date(pm_text(word), &date, &error)) {
        *out = date * DAY;
        return true;
    }
    return cli_parse_time(pm_text(word), out, &error) || script_wrong(script, "%s", error.text);
}

/* Cuts a copy of a line into words: blanks between, quotes around what has blanks, # ends it. */
static bool split(struct script *script, const char *line, size_t length)
{
    char *text = script_memory(script, length + 1, 1);
    memcpy(text, line, length);
    text[length] = '\0';
    script->words = script->at = 0;
    for (char *at = text + strspn(text, " \t"); *at != '\0' && *at != '#';) {
        bool quoted = *at == '"';
        char *word = at + quoted, *end = word + strcspn(word, quoted ? "\"" : " \t");
        if (script->words == SCRIPT_WORDS || (quoted && *end == '\0'))
            return script_wrong(script, "too many words, or a quote is not closed");
        script->word[script->words++] = word;
        at = end + (*end != '\0');
        *end = '\0';
        at += strspn(at, " \t");
    }
    return true;
}

/* ---- Applying a command ---- */

static void note_offer(struct script *script, const struct pm_event_record *record)
{
    for (uint32_t i = 0; i < script->offers; i++)
        if (script->offer[i].id == record->offer)
            return;
    if (script->offers < SCRIPT_OFFERS)
        script->offer[script->offers++] = (struct script_offer){record->offer, record->reference,
                                                                record->service, record->provider};
}

static void witness(void *context, const struct pm_entry *entry, struct pm_result result)
{
    struct script *script = context;
    struct pm_event_record record;
    size_t count;
    const struct pm_event *events = pm_core_events(script->world.core, &count);
    (void)entry;
    (void)result;
    for (uint32_t i = 0; i < count; i++) {
        pm_event_describe(script->world.core, &events[i], i, &record);
        if (record.offer != 0)
            note_offer(script, &record);
        if (script->events < SCRIPT_EVENTS)
            script->event[script->events++] = record.kind;
        script->event_count[record.kind]++;
    }
}

static bool ensure_open(struct script *script)
{
    if (script->world.core != NULL)
        return true;
    if (!world_open(&script->world, &script->limits))
        return script_wrong(script, "the core does not open");
    script->world.witness = witness;
    script->world.context = script;
    return true;
}

/* Takes the words that any command may have, each with what follows it, out of the line. */
static bool take_envelope(struct script *script, struct pm_entry *entry)
{
    uint32_t kept = 0;
    int64_t client = 0, number = 0, hash = 0;
    struct pm_client_error error;
    for (uint32_t w = 0; w < script->words; w++) {
        const char *word = script->word[w],
                   *value = script->word[w + 1 < script->words ? w + 1 : w];
        bool good = true;
        if (strcmp(word, "as") == 0)
            good = cli_parse_actor(value, &entry->actor, &error);
        else if (strcmp(word, "on") == 0)
            entry->market = pm_text(value);
        else if (strcmp(word, "client") == 0)
            good = script_number(script, value, &client);
        else if (strcmp(word, "number") == 0)
            good = script_number(script, value, &number);
        else if (strcmp(word, "hash") == 0)
            good = script_number(script, value, &hash);
        else {
            script->word[kept++] = script->word[w];
            continue;
        }
        if (!good)
            return script_wrong(script, "\"%s %s\" makes no sense", word, value);
        w++;
    }
    script->words = kept;
    entry->client = (uint64_t)client;
    entry->number = (uint64_t)number;
    entry->hash = (uint64_t)hash;
    return true;
}

enum { ANY_STATUS = PM_STATUS_COUNT };

/* The number of a status, ANY_STATUS of "any"; beyond it when there is none of that name. */
static unsigned status_named(const char *name)
{
    unsigned s = 0;
    while (s < PM_STATUS_COUNT && strcmp(pm_status_name(s), name) != 0)
        s++;
    return s < PM_STATUS_COUNT || strcmp(name, "any") == 0 ? s : s + 1;
}

/* Takes "-> status [id N]" off the end of the line. */
static bool take_answer(struct script *script, struct pm_result *out, bool *with_id)
{
    for (uint32_t w = 0; w + 1 < script->words; w++) {
        if (strcmp(script->word[w], "->") != 0)
            continue;
        const char *status = script->word[w + 1];
        int64_t id = 0;
        unsigned s = status_named(status);
        if (s > ANY_STATUS)
            return script_wrong(script, "there is no status \"%s\"", status);
        *with_id = w + 3 < script->words && strcmp(script->word[w + 2], "id") == 0;
        if (*with_id && !script_number(script, script->word[w + 3], &id))
            return false;
        *out = (struct pm_result){(uint16_t)s, (uint64_t)id};
        script->words = w;
        return true;
    }
    return script_wrong(script, "the line must end in \"-> status\"");
}

static uint64_t offer_answered(const struct pm_command *command)
{
    switch (command->verb) {
    case PM_OFFER_ACCEPT:
    case PM_OFFER_DECLINE:
        return command->answer.offer;
    case PM_OFFER_TENDER:
        return command->tender.offer;
    default:
        return 0;
    }
}

/* Who would: the operator loads, the provider answers, the rest is a broker's. */
static struct pm_actor actor_for(const struct script *script, const struct pm_command *command)
{
    if (command->verb == PM_MARKET_LOAD)
        return (struct pm_actor){PM_OPERATOR, pm_text("keeper")};
    if (command->verb == PM_ROUND_APPLY || command->verb == PM_OUTAGE)
        return (struct pm_actor){PM_DAEMON, pm_text("daemon")};
    uint64_t offer = offer_answered(command);
    for (uint32_t i = 0; i < script->offers; i++)
        if (script->offer[i].id == offer)
            return (struct pm_actor){PM_PROVIDER, pm_text(script->offer[i].provider.text)};
    return (struct pm_actor){PM_BROKER, pm_text("desk")};
}

static bool apply(struct script *script, struct pm_entry *entry, struct pm_command *command,
                  struct pm_result *result)
{
    if (entry->actor.role == 0)
        entry->actor = actor_for(script, command);
    if (entry->market.length == 0)
        entry->market = script->world.market;
    pm_core_resolve(script->world.core, entry->market, command);
    entry->command = command;
    *result = world_apply(&script->world, *entry);
    return !script->world.failed || script_wrong(script, "%s", script->world.error);
}

static bool run_command(struct script *script, const char *verb)
{
    struct pm_entry entry = {0};
    struct pm_command command;
    struct pm_result expected = {0}, result = {0};
    bool with_id = false;
    memset(&command, 0, sizeof command);
    if (!take_answer(script, &expected, &with_id) || !take_envelope(script, &entry))
        return false;
    if (!script_command(script, verb, &command))
        return script_wrong(script, "there is no command \"%s\"", verb);
    if (script_next(script) != NULL)
        return script_wrong(script, "\"%s\" is one word too many", script->word[script->at - 1]);
    if (script->error[0] != '\0' || !apply(script, &entry, &command, &result))
        return false;
    if (command.verb == PM_MARKET_LOAD)
        script->supplies = 0;
    if (expected.status != ANY_STATUS && result.status != expected.status)
        return script_wrong(script, "it is %s (id %llu)", pm_status_name(result.status),
                            (unsigned long long)result.id);
    if (with_id && result.id != expected.id)
        return script_wrong(script, "its id is %llu", (unsigned long long)result.id);
    script->seen[result.status]++;
    return true;
}

/* Keeps a supply command for the next load. */
static bool run_with(struct script *script)
{
    if (script->supplies == SCRIPT_SUPPLIES)
        return script_wrong(script, "too many supplies");
    const char *verb = script_need(script, "a command");
    struct pm_command *command = &script->supply[script->supplies++];
    memset(command, 0, sizeof *command);
    return script_command(script, verb, command) ? script->error[0] == '\0'
                                                 : script_wrong(script, "no such command");
}

/* ---- supply: a provider, its location, pool and service, and what is spare ---- */

__attribute__((format(printf, 2, 3))) static bool supply_part(struct script *script,
                                                              const char *format, ...)
{
    char line[512];
    char *word[SCRIPT_WORDS];
    uint32_t words = script->words, at = script->at;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    memcpy(word, script->word, sizeof word);
    bool good = split(script, line, strlen(line)) && run_command(script, script_next(script));
    memcpy(script->word, word, sizeof word);
    script->words = words;
    script->at = at;
    return good;
}

/* Puts the words from the present one on back together, without "word value" pairs named. */
static void rest_without(const struct script *script, const char *const *names, char *out,
                         size_t size)
{
    out[0] = '\0';
    for (uint32_t w = script->at; w + 1 < script->words; w += 2) {
        bool named = false;
        for (const char *const *name = names; *name != NULL; name++)
            named |= strcmp(script->word[w], *name) == 0;
        if (!named)
            snprintf(out + strlen(out), size - strlen(out), " %s \"%s\"", script->word[w],
                     script->word[w + 1]);
    }
}

static const char *value_of(const struct script *script, const char *name, const char *otherwise)
{
    for (uint32_t w = script->at; w + 1 < script->words; w += 2)
        if (strcmp(script->word[w], name) == 0)
            return script->word[w + 1];
    return otherwise;
}

static bool run_supply(struct script *script)
{
    static const char *const own[] = {"rating", "score", "spare", NULL};
    const char *name = script_need(script, "a name"), *kind = script_need(script, "a kind");
    const char *spare = value_of(script, "spare", NULL);
    char rest[256];
    rest_without(script, own, rest, sizeof rest);
    bool good = supply_part(script, "provider %s -> ok", name) &&
                supply_part(script, "location %s %s rating %s score %s -> ok", name, name,
                            value_of(script, "rating", "good"), value_of(script, "score", "-1")) &&
                supply_part(script, "pool %s %s %s %s -> ok", name, name, kind,
                            spare != NULL ? "declared" : "ask") &&
                supply_part(script, "service %s %s %s%s -> ok", name, name, kind, rest);
    return good && (spare == NULL || supply_part(script, "capacity %s %s -> ok", name, spare));
}

/* ---- Time ---- */

static bool run_time(struct script *script, const char *verb)
{
    const char *word = script_need(script, "a time");
    struct world *world = &script->world;
    int64_t to = world->time;
    if (strcmp(verb, "at") == 0 ? !script_time(script, word, &to)
                                : !script_duration(script, word, &to))
        return false;
    if (strcmp(verb, "at") != 0)
        to += world->time;
    if (strcmp(verb, "jump") == 0)
        world->time = to;
    else
        world_advance(world, to);
    return !world->failed || script_wrong(script, "%s", world->error);
}

static bool run_settle(struct script *script)
{
    return world_settle(&script->world) || script_wrong(script, "%s", script->world.error);
}

/* Solves the round that is next, and applies what was found. */
static bool run_solve(struct script *script)
{
    struct solved solved;
    struct pm_command command;
    bool good = true;
    if (!solved_open(script->world.core, &solved))
        return script_wrong(script, "no round is open");
    while (good && solved_next(&solved, &command)) {
        struct pm_entry entry = {.market = pm_text(solved.problem.market.text)};
        struct pm_result result = {0};
        good = apply(script, &entry, &command, &result) &&
               (result.status == PM_OK ||
                script_wrong(script, "it is %s", pm_status_name(result.status)));
    }
    solved_close(&solved);
    return good && run_settle(script);
}

/* ---- Lines ---- */

static bool run_words(struct script *script)
{
    const char *verb = script_next(script);
    bool known = true;
    if (verb == NULL)
        return true;
    if (script_rule(script, verb, &known) || known)
        return script->error[0] == '\0';
    if (!ensure_open(script))
        return false;
    if (strcmp(verb, "expect") == 0)
        return script_expect(script);
    script->events = 0;
    if (strcmp(verb, "at") == 0 || strcmp(verb, "advance") == 0 || strcmp(verb, "jump") == 0)
        return run_time(script, verb);
    if (strcmp(verb, "settle") == 0)
        return run_settle(script);
    if (strcmp(verb, "solve") == 0)
        return run_solve(script);
    if (strcmp(verb, "with") == 0)
        return run_with(script);
    if (strcmp(verb, "supply") == 0)
        return run_supply(script);
    return run_command(script, verb);
}

bool script_run(struct script *script, const char *lines)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        if (!split(script, lines, length) || !run_words(script) || script->error[0] != '\0') {
            char why[sizeof script->error];
            memcpy(why, script->error, sizeof why);
            snprintf(script->error, sizeof script->error, "%.*s\n    %.400s", (int)length, lines,
                     why);
            return false;
        }
        lines += length + (lines[length] == '\n');
    }
    return true;
}
