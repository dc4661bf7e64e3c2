/*
 * cli_journal.c - placemat journal, backup and restore: the files of a data directory, read and
 * copied without asking the daemon, which may be serving from it.
 */
#include "client/cli.h"
#include "client/cli_table.h"
#include "client/reply.h"
#include "daemon/backup.h"
#include "daemon/journal_entries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- What they share ---- */

static void print_progress(void *context, const char *doing, uint64_t done, uint64_t of)
{
    const struct cli *cli = context;
    fprintf(cli->err, "\r%s: %" PRIu64 " of %" PRIu64 " ", doing, done, of);
    if (done >= of)
        fputs("\r\033[K", cli->err);
    (void)fflush(cli->err);
}

/* Told only to a person who looks on. */
static struct backup_progress progress_for(struct cli *cli)
{
    return (struct backup_progress){print_progress, cli};
}

static const struct backup_progress *shown(const struct cli *cli,
                                           const struct backup_progress *progress)
{
    int file = fileno(cli->err);
    return file >= 0 && isatty(file) ? progress : NULL;
}

/* A data directory, or a backup, stands for the journal in it. False when the name is too long. */
static bool journal_path(const char *path, char *out, size_t size)
{
    struct stat status;
    bool directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    return snprintf(out, size, "%s%s", path, directory ? "/journal.db" : "") < (int)size;
}

static enum cli_exit damaged(struct cli *cli, const struct journal_error *error)
{
    return cli_fail(cli, CLI_REFUSED, "bad_journal", "%s.", error->text);
}

/* ---- verify ---- */

static enum cli_exit verify(struct cli *cli)
{
    struct backup_progress progress = progress_for(cli);
    struct journal_error error = {""};
    char path[4096];
    uint64_t last;
    if (!journal_path(cli->operand, path, sizeof path))
        return cli_usage(cli, "PATH: too long");
    if (backup_verify(path, shown(cli, &progress), &last, &error) < 0)
        return damaged(cli, &error);
    json_t *document = json_pack("{s:s, s:I}", "path", path, "last", (json_int_t)last);
    if (!cli_json(cli, document))
        cli_say(cli, "%s: all %" PRIu64 " commands are there as they were written.", path, last);
    json_decref(document);
    return CLI_DONE;
}

/* ---- dump ---- */

struct dumping {
    struct cli *cli;
    uint64_t printed;
};

static json_t *entry_row(const struct pm_entry *entry, json_t *command)
{
    return json_pack("{s:I, s:I, s:s%, s:s, s:s%, s:I, s:I, s:O, s:O}", "sequence",
                     (json_int_t)entry->sequence, "time", (json_int_t)entry->time, "market",
                     entry->market.bytes, (size_t)entry->market.length, "role",
                     pm_role_name(entry->actor.role), "name", entry->actor.name.bytes,
                     (size_t)entry->actor.name.length, "client", (json_int_t)entry->client,
                     "number", (json_int_t)entry->number, "command", json_array_get(command, 0),
                     "fields", json_array_get(command, 1));
}

static void print_row(struct cli *cli, const struct pm_entry *entry, const json_t *row)
{
    char time[CLI_SHORT];
    char *fields = json_dumps(json_object_get(row, "fields"), JSON_COMPACT | JSON_SORT_KEYS);
    cli_say(cli, "%" PRIu64 "  %s  %s  %s:%s  %s %s", entry->sequence, cli_time(entry->time, time),
            cli_string(row, "market"), cli_string(row, "role"), cli_string(row, "name"),
            cli_string(row, "command"), fields != NULL ? fields : "");
    free(fields);
}

static bool dump_entry(void *context, const struct pm_entry *entry, const uint8_t *bytes,
                       size_t size)
{
    struct dumping *dumping = context;
    struct cli *cli = dumping->cli;
    enum { COMMAND = 8 }; /* its place in the entry */
    json_t *parts = json_of_cbor(bytes, size);
    json_t *row = entry_row(entry, json_array_get(parts, COMMAND));
    json_decref(parts);
    if (row != NULL && cli->json) {
        fputs(dumping->printed > 0 ? ",\n" : "[\n", cli->out);
        json_dumpf(row, cli->out, JSON_COMPACT | JSON_SORT_KEYS);
    } else if (row != NULL) {
        print_row(cli, entry, row);
    }
    dumping->printed++;
    json_decref(row);
    return row != NULL && !ferror(cli->out);
}

static enum cli_exit dump(struct cli *cli)
{
    struct dumping dumping = {.cli = cli};
    struct journal_error error = {""};
    struct journal *journal;
    uint64_t from = 1, to = JOURNAL_SEQUENCE_MAX;
    char path[4096];
    if (!cli_take_number(cli, "from", to, &from) || !cli_take_number(cli, "to", to, &to))
        return CLI_USAGE;
    if (!journal_path(cli->operand, path, sizeof path))
        return cli_usage(cli, "PATH: too long");
    if (journal_open_file(path, &journal, &error) < 0)
        return damaged(cli, &error);
    int result = journal_entries(journal, from, to, dump_entry, &dumping, &error);
    if (cli->json && result >= 0)
        fputs(dumping.printed > 0 ? "\n]\n" : "[]\n", cli->out);
    journal_close(journal);
    return result < 0 ? damaged(cli, &error) : CLI_DONE;
}

/* ---- backup and restore ---- */

static enum cli_exit copy(struct cli *cli, const char *and)
{
    struct backup_progress progress = progress_for(cli);
    struct journal_error error = {""};
    uint64_t last = 0;
    if (backup_copy(cli->operand, cli->second, shown(cli, &progress), &last, &error) < 0)
        return cli_fail(cli, CLI_REFUSED, "not_copied", "%s.", error.text);
    json_t *document = json_pack("{s:s, s:s, s:I}", "from", cli->operand, "to", cli->second, "last",
                                 (json_int_t)last);
    if (!cli_json(cli, document))
        cli_say(cli, "%s holds all %" PRIu64 " commands, verified%s.", cli->second, last, and);
    json_decref(document);
    return CLI_DONE;
}

static enum cli_exit backup(struct cli *cli)
{
    return copy(cli, "");
}

static enum cli_exit restore(struct cli *cli)
{
    return copy(cli, ": placematd may begin with it");
}

static const struct cli_option none[] = {CLI_END};
static const struct cli_option dump_options[] = {
    {"from", "N", "From this sequence on.", false},
    {"to", "N", "Up to this sequence.", false},
    CLI_END,
};

static const struct cli_command journal_commands[] = {
    {"verify", "PATH", "Checks every command of a data directory's journal, or a backup's", none,
     verify},
    {"dump", "PATH", "Prints the commands of a journal, one a line", dump_options, dump},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command backup_commands[] = {
    {NULL, "DATA TO", "Copies a data directory to a new one, while a daemon may be at it", none,
     backup},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct cli_command restore_commands[] = {
    {NULL, "BACKUP DATA", "Makes a data directory of a backup", none, restore},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_journal = {"journal", "The journal in a data directory",
                                     journal_commands};
const struct cli_noun cli_backup = {"backup", "Copies a data directory", backup_commands};
const struct cli_noun cli_restore = {"restore", "Makes a data directory of a backup",
                                     restore_commands};
