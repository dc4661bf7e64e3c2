/*
 * cli_outcome.c - what became of a package after a command about it.
 */
#include "client/cli_outcome.h"

#include "client/cli_table.h"

#include <string.h>
#include <time.h>

/* Matching follows a command at once, but not in the same breath: a package still open is looked at
 * again a few times. */
json_t *cli_package_now(struct cli *cli, struct pm_package_id id)
{
    enum { TRIES = 10 };
    const struct timespec pause = {.tv_nsec = 20000000};
    const struct pm_command command = {.verb = PM_PACKAGE_SHOW, .id = id};
    json_t *package = NULL;
    for (int try = 0; try < TRIES; try++) {
        if (try > 0)
            nanosleep(&pause, NULL);
        json_decref(package);
        package = cli_look(cli, &command);
        if (package == NULL || strcmp(cli_string(package, "state"), "open") != 0)
            break;
    }
    return package;
}

bool cli_is_placement(const json_t *package, int64_t placement)
{
    static const char *const keys[] = {"placement", "successor"};
    for (size_t at = 0; at < sizeof keys / sizeof keys[0]; at++) {
        const json_t *value = json_object_get(package, keys[at]);
        const json_t *id = json_is_object(value) ? json_object_get(value, "id") : value;
        if (json_is_integer(id) && json_integer_value(id) == placement)
            return true;
    }
    return false;
}

/* A state in words, and with whom: one provider, or several offers, if it is known. */
struct words {
    const char *state, *words;
    const char *one, *several, *of; /* NULL: not said */
    bool due;                       /* something is due by the deadline */
};

/* "X1 posted: offered to fernglow until ...", "... to 3 services until ..." */
static void say_words(struct cli *cli, const char *done, const json_t *package,
                      const struct words *words)
{
    char until[CLI_SHORT] = "";
    char many[CLI_SHORT] = "";
    int64_t due = words->due ? cli_integer(package, "deadline") : 0;
    int64_t count = cli_integer(package, "count");
    const char *provider = cli_string(package, "provider");
    if (count > 1 && words->several != NULL)
        snprintf(many, sizeof many, "%s%lld%s", words->several, (long long)count, words->of);
    bool one = many[0] == '\0' && words->one != NULL && provider[0] != '\0';
    cli_say(cli, "%s: %s%s%s%s%s%s.", done, words->words, many, one ? words->one : "",
            one ? provider : "", due != 0 ? " until " : "", due != 0 ? cli_time(due, until) : "");
}

static void say_state(struct cli *cli, const char *done, const json_t *package)
{
    static const struct words all[] = {
        {"offered", "offered", " to ", " to ", " services", true},
        {"placed", "placed", " with ", NULL, NULL, false},
        {"choosing", "for the person to choose", NULL, " among ", " tenders", true},
        {"to_confirm", "to be confirmed", " with ", NULL, NULL, true},
    };
    const char *state = cli_string(package, "state");
    const char *diagnosis = cli_string(package, "diagnosis");
    for (size_t at = 0; at < sizeof all / sizeof all[0]; at++) {
        if (strcmp(state, all[at].state) == 0) {
            say_words(cli, done, package, &all[at]);
            return;
        }
    }
    if (state[0] == '\0')
        cli_say(cli, "%s.", done);
    else if (diagnosis[0] != '\0')
        cli_say(cli, "%s. %s", done, diagnosis);
    else
        cli_say(cli, "%s: %s.", done, state);
}

void cli_say_package(struct cli *cli, struct pm_package_id id, const char *done,
                     const json_t *package)
{
    char text[PM_NAME_MAX + 2 * CLI_SHORT];
    const char *reference = cli_string(package, "reference");
    snprintf(text, sizeof text, "%s %s", reference[0] != '\0' ? reference : id.reference.bytes,
             done);
    say_state(cli, text, package);
}

enum cli_exit cli_do_package(struct cli *cli, const struct pm_command *command,
                             struct pm_package_id id,
                             void (*say)(struct cli *cli, struct pm_package_id id, int64_t result,
                                         const json_t *package))
{
    json_t *result;
    enum cli_exit code = cli_ask(cli, command, &result);
    if (code != CLI_DONE)
        return code;
    json_t *package = cli_package_now(cli, id);
    if (package != NULL && cli->json)
        json_object_set(result, "package", package);
    if (!cli_json(cli, result))
        say(cli, id, cli_integer(result, "id"), package);
    json_decref(package);
    json_decref(result);
    return CLI_DONE;
}
