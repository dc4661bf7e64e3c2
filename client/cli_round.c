/*
 * cli_round.c - placemat round: packages matched together; opened, watched, told about, and the
 * documents of what was solved.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/cli_round_file.h"
#include "client/cli_round_try.h"
#include "client/cli_table.h"
#include "client/round_lp.h"

enum { LOOK_MS = 100 }; /* between looks at a round that is waited for */

/* ---- Showing ---- */

/* A round with all its packages. */
static enum cli_exit ask_round(struct cli *cli, uint64_t round, json_t **body)
{
    struct pm_command command = {.verb = PM_ROUND_SHOW,
                                 .matched = {.round = round, .limit = PM_ROWS_MAX}};
    json_t *all = NULL;
    do {
        json_t *page;
        enum cli_exit code = cli_ask(cli, &command, &page);
        bool joined = code == CLI_DONE && cli_join(page, all);
        json_decref(all);
        all = page;
        if (!joined) {
            json_decref(all);
            *body = NULL;
            return code != CLI_DONE ? code
                                    : cli_fail(cli, CLI_REFUSED, "no_memory", "Out of memory.");
        }
        command.matched.after = (uint64_t)cli_integer(all, "next");
    } while (command.matched.after != 0);
    *body = all;
    return CLI_DONE;
}

static const json_t *round_of(const json_t *body)
{
    return json_object_get(body, "round");
}

static void say_round(struct cli *cli, const json_t *body)
{
    static const struct cli_column columns[] = {
        {"reference", "PACKAGE", CLI_PLAIN},
        {"referrer", "REFERRER", CLI_PLAIN},
        {"priority", "PRIORITY", CLI_NUMBER},
        {"fate", "IN THE ROUND", CLI_PLAIN},
        {"service", "SERVICE", CLI_PLAIN},
        {"cost", "A WEEK", CLI_MONEY},
        {"alone", "ALONE", CLI_PLAIN},
        {"alone_cost", "A WEEK", CLI_MONEY},
        {"state", "NOW", CLI_PLAIN},
        {"diagnosis", "WHY", CLI_PLAIN},
        {NULL, NULL, CLI_PLAIN},
    };
    const json_t *round = round_of(body);
    cli_say(cli, "Round %" PRId64 ": %s.", cli_integer(round, "id"), cli_string(round, "state"));
    if (json_object_get(round, "solved") != NULL)
        cli_say(cli,
                "Placed %" PRId64 ", asked %" PRId64 ", dropped %" PRId64 ", passed on %" PRId64
                ".",
                cli_integer(round, "placed"), cli_integer(round, "asked"),
                cli_integer(round, "dropped"), cli_integer(round, "passed_on"));
    cli_round_say(cli, round);
    cli_round_table(cli, columns, json_object_get(body, "rows"));
}

static enum cli_exit show_id(struct cli *cli, uint64_t round)
{
    json_t *body;
    enum cli_exit code = ask_round(cli, round, &body);
    if (code == CLI_DONE && !cli_json(cli, body))
        say_round(cli, body);
    json_decref(body);
    return code;
}

static enum cli_exit show(struct cli *cli)
{
    uint64_t round;
    return cli_take_id(cli, &round) ? show_id(cli, round) : CLI_USAGE;
}

static enum cli_exit list(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"id", "ROUND", CLI_NUMBER},
        {"kind", "KIND", CLI_PLAIN},
        {"state", "STATE", CLI_PLAIN},
        {"opened", "OPENED", CLI_TIME},
        {"solved", "SOLVED", CLI_TIME},
        {"placed", "PLACED", CLI_NUMBER},
        {"asked", "ASKED", CLI_NUMBER},
        {"dropped", "DROPPED", CLI_NUMBER},
        {"passed_on", "PASSED ON", CLI_NUMBER},
        {NULL, NULL, CLI_PLAIN},
    };
    static const struct cli_list wanted = {
        .verb = PM_ROUND_LIST,
        .state_name = pm_round_state_name,
        .columns = columns,
        .none = "No rounds.",
    };
    return cli_list(cli, &wanted);
}

/* ---- Opening, and waiting for what comes of it ---- */

/* How far it is, on one line that is written over. */
static void say_progress(struct cli *cli, const json_t *body)
{
    char money[CLI_SHORT], other[CLI_SHORT];
    const json_t *progress = json_object_get(body, "progress");
    const json_t *value = json_object_get(progress, "value");
    if (progress == NULL || cli->json)
        return;
    fprintf(cli->err, "\rsolving: %s a week, at least %s    ",
            cli_money(json_integer_value(json_array_get(value, PM_ROUND_STAGES - 1)), money),
            cli_money(cli_integer(progress, "bound"), other));
    (void)fflush(cli->err);
}

static bool is_over(const json_t *body)
{
    const char *state = cli_string(round_of(body), "state");
    return strcmp(state, "applied") == 0 || strcmp(state, "abandoned") == 0;
}

static enum cli_exit wait_for(struct cli *cli, uint64_t round)
{
    const struct pm_command command = {.verb = PM_ROUND_SHOW,
                                       .matched = {.round = round, .limit = 1}};
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    bool over = false, said = false;
    while (!over) {
        json_t *body;
        enum cli_exit code = cli_ask(cli, &command, &body);
        if (code != CLI_DONE)
            return code;
        over = is_over(body);
        say_progress(cli, body);
        said |= json_object_get(body, "progress") != NULL && !cli->json;
        json_decref(body);
        if (!over)
            nanosleep(&pause, NULL);
    }
    if (said)
        (void)fputc('\n', cli->err);
    return show_id(cli, round);
}

static enum cli_exit open_round(struct cli *cli)
{
    struct pm_command command = {.verb = PM_ROUND_OPEN};
    const char *kind = cli_value(cli, "kind");
    json_t *result;
    if (cli_value(cli, "dry-run") != NULL)
        return cli_round_try(cli, &(struct pm_round_try){.kind = pm_text(kind)});
    command.round.kind = pm_text(kind);
    enum cli_exit code = cli_ask(cli, &command, &result);
    uint64_t round = (uint64_t)cli_integer(result, "id");
    bool waits = cli_value(cli, "wait") != NULL;
    if (code == CLI_DONE && !waits && !cli_json(cli, result))
        cli_say(cli, "Round %" PRIu64 " is opened for the %s%spackages gathered so far.", round,
                kind != NULL ? kind : "", kind != NULL ? " " : "");
    json_decref(result);
    return code == CLI_DONE && waits ? wait_for(cli, round) : code;
}

/* ---- What was solved, as files ---- */

/* A certificate's bytes; free(). */
struct bytes {
    uint8_t *at;
    size_t size, room;
};

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Adds bytes from their hexadecimal digits; false when out of memory. */
static bool add_bytes(struct bytes *bytes, const char *hex)
{
    size_t more = strlen(hex) / 2;
    if (more > bytes->room - bytes->size) {
        size_t room = bytes->size + more + bytes->room;
        uint8_t *larger = realloc(bytes->at, room);
        if (larger == NULL)
            return false;
        bytes->at = larger;
        bytes->room = room;
    }
    for (size_t i = 0; i < more; i++)
        bytes->at[bytes->size++] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return true;
}

static enum cli_exit fetch(struct cli *cli, struct bytes *out)
{
    struct pm_command command = {.verb = PM_ROUND_CERTIFICATE};
    uint64_t whole;
    if (!cli_take_id(cli, &command.matched.round))
        return CLI_USAGE;
    do {
        json_t *body;
        enum cli_exit code = cli_ask(cli, &command, &body);
        const char *hex = cli_string(body, "bytes");
        whole = (uint64_t)cli_integer(body, "size");
        if (code == CLI_DONE && (*hex == '\0' || !add_bytes(out, hex)))
            code = cli_fail(cli, CLI_REFUSED, "bad_file", "The certificate cannot be fetched.");
        json_decref(body);
        if (code != CLI_DONE)
            return code;
        command.matched.offset = out->size;
    } while (out->size < whole);
    return CLI_DONE;
}

static enum cli_exit failed(struct cli *cli, const char *path)
{
    return cli_fail(cli, CLI_REFUSED, "bad_file", "%s: %s.", path, strerror(errno));
}

static enum cli_exit keep(struct cli *cli, const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return failed(cli, path);
    bool good = fwrite(bytes, 1, size, file) == size;
    return fclose(file) == 0 && good ? CLI_DONE : failed(cli, path);
}

static enum cli_exit certificate(struct cli *cli)
{
    struct bytes bytes = {.at = NULL};
    enum cli_exit code = fetch(cli, &bytes);
    if (code == CLI_DONE)
        code = keep(cli, cli->second, bytes.at, bytes.size);
    free(bytes.at);
    if (code == CLI_DONE)
        cli_say(cli, "The certificate is in %s.", cli->second);
    return code;
}

static enum cli_exit keep_problem(struct cli *cli, const char *path,
                                  const struct wire_problem *problem)
{
    struct wire_writer writer = {.size = wire_problem_bound(problem)};
    writer.bytes = malloc(writer.size);
    if (writer.bytes == NULL)
        return cli_fail(cli, CLI_REFUSED, "no_memory", "Out of memory.");
    wire_problem_encode(&writer, problem);
    enum cli_exit code = keep(cli, path, writer.bytes, writer.used);
    free(writer.bytes);
    return code;
}

/* The stage of cost, with the packages placed that were. */
static enum cli_exit keep_lp(struct cli *cli, const char *path,
                             const struct wire_certificate *solved)
{
    int64_t pinned[SOLVER_CLASSES];
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return failed(cli, path);
    for (int class = 0; class < SOLVER_CLASSES; class ++)
        pinned[class] = solved->result.stage[class].value;
    bool good = round_lp_write(file, &solved->problem, SOLVER_COST, pinned);
    return fclose(file) == 0 && good ? CLI_DONE : failed(cli, path);
}

static enum cli_exit export_files(struct cli *cli, const struct wire_certificate *solved)
{
    const char *problem = cli_value(cli, "problem"), *lp = cli_value(cli, "lp");
    enum cli_exit code = CLI_DONE;
    if (problem != NULL)
        code = keep_problem(cli, problem, &solved->problem);
    if (code == CLI_DONE && lp != NULL)
        code = keep_lp(cli, lp, solved);
    if (code == CLI_DONE)
        cli_say(cli, "What was solved is in %s%s%s.", problem != NULL ? problem : "",
                problem != NULL && lp != NULL ? " and " : "", lp != NULL ? lp : "");
    return code;
}

static enum cli_exit export_round(struct cli *cli)
{
    struct bytes bytes = {.at = NULL};
    struct round_file file;
    struct wire_error error;
    if (cli_value(cli, "problem") == NULL && cli_value(cli, "lp") == NULL)
        return cli_usage(cli, "say where to: --problem FILE or --lp FILE");
    enum cli_exit code = fetch(cli, &bytes);
    FILE *stream = code == CLI_DONE ? fmemopen(bytes.at, bytes.size, "rb") : NULL;
    if (code == CLI_DONE && stream == NULL)
        code = failed(cli, "certificate");
    if (code == CLI_DONE && !round_file_read(stream, &file, &error))
        code = cli_fail(cli, CLI_REFUSED, "bad_file", "The certificate: %s.", error.text);
    else if (code == CLI_DONE) {
        code = export_files(cli, &file.certificate);
        round_file_free(&file);
    }
    if (stream != NULL)
        (void)fclose(stream);
    free(bytes.at);
    return code;
}

/* ---- The table ---- */

static const struct cli_option open_options[] = {
    {"kind", "KIND", "Only of this kind of care.", false},
    {"wait", NULL, "Wait until it is applied, and show what came of it.", false},
    {"dry-run", NULL, "Only solve it, and show what would come of it: nothing is done.", false},
    CLI_END,
};
static const struct cli_option list_options[] = {
    {"kind", "KIND", "Only rounds of this kind of care alone.", false},
    {"state", "STATE", "solving, passing_on, applied or abandoned.", false},
    CLI_LIST_OPTIONS,
    CLI_END,
};
static const struct cli_option none[] = {CLI_END};
static const struct cli_option export_options[] = {
    {"problem", "FILE", "The problem, as placemat.cddl has it.", false},
    {"lp", "FILE", "The stage of cost as an LP file, which other solvers read.", false},
    CLI_END,
};

static const struct cli_command commands[] = {
    {"open", NULL, "Matches together all packages that are gathered", open_options, open_round},
    {"list", NULL, "Lists rounds", list_options, list},
    {"show", "ID", "Shows a round: who got what, what it costs, what is proven", none, show},
    {"certificate", "ID FILE", "Writes the certificate of a round to a file", none, certificate},
    {"export", "ID", "Writes what a round solved to files", export_options, export_round},
    {"verify", "FILE", "Checks a round's certificate: what was reached, and what is proven",
     cli_round_verify_options, cli_round_verify},
    {"prices", "FILE", "Tells from a certificate what more capacity would have been worth",
     cli_round_prices_options, cli_round_prices},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_round = {"round", "Rounds: packages that are matched together", commands};
