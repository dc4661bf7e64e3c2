/*
 * cli_round_file.c - placemat round verify: what a round's certificate proves. Nobody need be
 * believed for it, and no daemon be asked.
 */
#include "client/cli_round_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/cli_table.h"
#include "client/round_check.h"
#include "client/round_file.h"

/* ---- The file ---- */

enum cli_exit cli_round_failed(struct cli *cli, const char *why)
{
    return cli_fail(cli, CLI_REFUSED, "bad_file", "%s: %s.", cli->operand, why);
}

enum cli_exit cli_round_read(struct cli *cli, struct round_file *out)
{
    struct wire_error error;
    FILE *file = fopen(cli->operand, "rb");
    if (file == NULL)
        return cli_round_failed(cli, strerror(errno));
    bool good = round_file_read(file, out, &error);
    (void)fclose(file);
    if (!good)
        return cli_round_failed(cli, error.text);
    if (out->document == WIRE_CERTIFICATE)
        return CLI_DONE;
    round_file_free(out);
    return cli_round_failed(cli, "it is a problem, and not a certificate");
}

/* ---- round verify ---- */

/* What is known of whether a stage's value is the least there is. */
enum verdict {
    NOT_PROVEN,
    CLAIMED,  /* the solver says so, and the bound does not prove it */
    SEARCHED, /* and solving it anew says so too */
    PROVEN,   /* by the bound */
};

static const char *verdict_words(enum verdict verdict)
{
    static const char *const words[] = {
        "not proven to be the least", "the least, by the solver's search",
        "the least, by the solver's search and solved anew", "the least, proven by the bound"};
    return words[verdict];
}

static const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"not_proven", "claimed", "searched", "proven"};
    return names[verdict];
}

struct verifying {
    const struct wire_certificate *certificate;
    struct round_check check;
    enum verdict verdict[SOLVER_STAGES];
};

static void judge(struct verifying *verifying)
{
    for (int i = 0; i < SOLVER_STAGES; i++) {
        bool claimed = verifying->certificate->result.stage[i].optimal;
        verifying->verdict[i] = verifying->check.stage[i].proven ? PROVEN
                                : claimed                        ? CLAIMED
                                                                 : NOT_PROVEN;
    }
}

/* Holds what was claimed against the problem solved anew, until the values part: from there on
 * the stages are about different things. */
static void compare(struct verifying *verifying, const struct solver_result *anew)
{
    struct round_check *check = &verifying->check;
    for (int i = 0; i < SOLVER_STAGES; i++) {
        int64_t was = check->stage[i].value, is = anew->stage[i].value;
        if (is < was && verifying->verdict[i] != NOT_PROVEN && check->fault[0] == '\0')
            (void)snprintf(check->fault, sizeof check->fault,
                           "%s: %" PRId64 " is claimed to be the least, and %" PRId64
                           " was found when it was solved anew",
                           round_stage_name(i), was, is);
        if (is != was)
            return;
        if (verifying->verdict[i] == CLAIMED && anew->stage[i].optimal)
            verifying->verdict[i] = SEARCHED;
    }
}

static bool resolve(struct verifying *verifying)
{
    const struct solver_problem *problem = &verifying->certificate->problem.problem;
    const struct solver_options options = {0};
    struct solver_result anew;
    void *workspace = aligned_alloc(64, (solver_workspace(problem) + 63) / 64 * 64);
    if (workspace == NULL)
        return false;
    solver_solve(problem, &options, workspace, &anew);
    compare(verifying, &anew);
    free(workspace);
    return true;
}

/* How far the value is above the bound, in hundredths of a percent of the bound, rounded up; -1
 * when that is no number. */
static int64_t gap_of(const struct round_stage *stage)
{
    __int128 gap = (__int128)stage->value - stage->bound;
    if (gap <= 0)
        return 0;
    if (stage->bound <= 0)
        return -1;
    gap = (gap * 10000 + stage->bound - 1) / stage->bound;
    return gap < INT64_MAX ? (int64_t)gap : INT64_MAX;
}

static json_t *stage_row(const struct verifying *verifying, int i, bool words)
{
    const struct round_stage *stage = &verifying->check.stage[i];
    int64_t gap = gap_of(stage);
    char value[CLI_SHORT], bound[CLI_SHORT], percent[CLI_SHORT] = "";
    json_t *row = json_object();
    json_object_set_new(row, "stage", json_string(round_stage_name(i)));
    if (gap >= 0)
        (void)snprintf(percent, sizeof percent, "%" PRId64 ".%02d %%", gap / 100, (int)(gap % 100));
    if (words) {
        (void)snprintf(value, sizeof value, "%" PRId64, stage->value);
        (void)snprintf(bound, sizeof bound, "%" PRId64, stage->bound);
        bool cost = i == SOLVER_COST;
        json_object_set_new(row, "value",
                            json_string(cost ? cli_money(stage->value, value) : value));
        json_object_set_new(row, "bound",
                            json_string(cost ? cli_money(stage->bound, bound) : bound));
        json_object_set_new(row, "gap", json_string(percent));
        json_object_set_new(row, "verdict", json_string(verdict_words(verifying->verdict[i])));
        return row;
    }
    json_object_set_new(row, "value", json_integer(stage->value));
    json_object_set_new(row, "bound", json_integer(stage->bound));
    json_object_set_new(row, "gap_percent", gap >= 0 ? json_real((double)gap / 100) : json_null());
    json_object_set_new(row, "verdict", json_string(verdict_name(verifying->verdict[i])));
    return row;
}

static json_t *stage_rows(const struct verifying *verifying, bool words)
{
    json_t *rows = json_array();
    for (int i = 0; i < SOLVER_STAGES; i++)
        json_array_append_new(rows, stage_row(verifying, i, words));
    return rows;
}

json_t *cli_round_text(struct pm_text text)
{
    json_t *value = json_stringn(text.bytes, text.length);
    return value != NULL ? value : json_string("");
}

static enum cli_exit print_verified(struct cli *cli, const struct verifying *verifying)
{
    static const struct cli_column columns[] = {
        {"stage", "STAGE", CLI_PLAIN}, {"value", "VALUE", CLI_PLAIN}, {"bound", "BOUND", CLI_PLAIN},
        {"gap", "GAP", CLI_PLAIN},     {"verdict", "IS", CLI_PLAIN},  {NULL, NULL, CLI_PLAIN},
    };
    const struct pm_text title = verifying->certificate->problem.title;
    json_t *rows = stage_rows(verifying, !cli->json);
    json_t *document =
        json_pack("{s:o, s:b, s:O}", "title", cli_round_text(title), "holds", 1, "stages", rows);
    if (!cli_json(cli, document)) {
        cli_say(cli, "%.*s%sall that the certificate says holds.", (int)title.length,
                title.length > 0 ? title.bytes : "", title.length > 0 ? ": " : "");
        cli_table(cli->out, columns, rows);
    }
    json_decref(document);
    json_decref(rows);
    return CLI_DONE;
}

static enum cli_exit verify(struct cli *cli, const struct wire_certificate *certificate)
{
    struct verifying verifying = {.certificate = certificate};
    if (!round_check(certificate, &verifying.check))
        return cli_round_failed(cli, "there is no memory for so much");
    judge(&verifying);
    if (cli_value(cli, "resolve") != NULL && verifying.check.fault[0] == '\0' &&
        !resolve(&verifying))
        return cli_round_failed(cli, "there is no memory to solve it");
    if (verifying.check.fault[0] != '\0')
        return cli_fail(cli, CLI_REFUSED, "does_not_hold", "%s.", verifying.check.fault);
    return print_verified(cli, &verifying);
}

const struct cli_option cli_round_verify_options[] = {
    {"resolve", NULL, "Solve it anew, to check what is claimed and not proven.", false},
    CLI_END,
};

enum cli_exit cli_round_verify(struct cli *cli)
{
    struct round_file file;
    enum cli_exit done = cli_round_read(cli, &file);
    if (done != CLI_DONE)
        return done;
    done = verify(cli, &file.certificate);
    round_file_free(&file);
    return done;
}
