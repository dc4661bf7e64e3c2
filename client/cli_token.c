/*
 * cli_token.c - placemat token: who may log in; and the file that a token is in.
 */
#include "client/cli.h"
#include "client/cli_table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The file of a token ---- */

/* Opens it and sees that it is its owner's alone; -1 when not, having said why. */
static int open_private(struct cli *cli, const char *path)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || fstat(file, &status) != 0) {
        cli_fail(cli, CLI_USAGE, "token_file", "%s cannot be read: %s.", path, strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        cli_fail(cli, CLI_USAGE, "token_file", "%s is no file.", path);
    } else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        cli_fail(cli, CLI_USAGE, "token_file",
                 "%s is open to others than its owner: chmod 600 %s, and think of revoking the "
                 "token.",
                 path, path);
    } else {
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

bool cli_read_token(struct cli *cli, const char *path)
{
    int file = open_private(cli, path);
    if (file < 0)
        return false;
    ssize_t size = read(file, cli->token, sizeof cli->token);
    close(file);
    while (size > 0 && strchr(" \t\r\n", cli->token[size - 1]) != NULL)
        size--;
    if (size > 0 && size < (ssize_t)sizeof cli->token &&
        memchr(cli->token, '\0', (size_t)size) == NULL) {
        cli->token[size] = '\0';
        return true;
    }
    cli_fail(cli, CLI_USAGE, "token_file", "%s holds no token.", path);
    return false;
}

/* ---- create ---- */

static bool write_out(int file, const char *text)
{
    size_t size = strlen(text);
    bool well =
        write(file, text, size) == (ssize_t)size && write(file, "\n", 1) == 1 && fsync(file) == 0;
    return close(file) == 0 && well;
}

/* Shows it, alone on its line so that it can be kept, or writes it to the file made for it. */
static enum cli_exit show(struct cli *cli, int file, const json_t *body)
{
    const char *out = cli_value(cli, "out"), *text = cli_string(body, "token");
    if (file < 0) {
        if (!cli_json(cli, body))
            cli_say(cli, "%s", text);
        return CLI_DONE;
    }
    if (!write_out(file, text))
        return cli_fail(cli, CLI_REFUSED, "not_written",
                        "%s cannot be written: revoke the token %s, which nobody has seen.", out,
                        cli->operand);
    json_t *document = json_pack("{s:s, s:s}", "name", cli->operand, "out", out);
    if (!cli_json(cli, document))
        cli_say(cli, "The token %s is in %s.", cli->operand, out);
    json_decref(document);
    return CLI_DONE;
}

/* Roles that somebody can have. */
static const char *role_name(unsigned role)
{
    return role == PM_DAEMON ? NULL : pm_role_name(role);
}

static bool take_wanted(struct cli *cli, struct pm_token *out)
{
    *out = (struct pm_token){
        .name = pm_text(cli->operand),
        .provider = cli_text(cli, "provider"),
        .referrer = cli_text(cli, "referrer"),
        .market = cli_text(cli, "market"),
    };
    return cli_take_name(cli, "role", role_name, &out->role) &&
           cli_take_date(cli, "expires", &out->expires);
}

/* The file is made first: what is shown once must have somewhere to go. */
static enum cli_exit create(struct cli *cli)
{
    struct pm_command command = {.verb = PM_TOKEN_CREATE};
    const char *out = cli_value(cli, "out");
    int file = -1;
    json_t *body;
    if (!take_wanted(cli, &command.token))
        return CLI_USAGE;
    if (out != NULL && (file = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        return cli_fail(cli, CLI_REFUSED, "not_written", "%s cannot be made: %s.", out,
                        strerror(errno));
    cli->market = "";
    cli_suppose_role(cli, PM_OPERATOR);
    enum cli_exit code = cli_ask(cli, &command, &body);
    if (code == CLI_DONE)
        code = show(cli, file, body);
    else if (file >= 0)
        close(file);
    if (code != CLI_DONE && file >= 0)
        unlink(out);
    json_decref(body);
    return code;
}

/* ---- list and revoke ---- */

/* A row's `for` is whom it acts for. */
static void name_principals(json_t *body)
{
    size_t at;
    json_t *row;
    json_array_foreach(json_object_get(body, "rows"), at, row)
    {
        json_t *whom = json_object_get(row, "provider");
        json_object_set(row, "for", whom != NULL ? whom : json_object_get(row, "referrer"));
    }
}

static enum cli_exit list(struct cli *cli)
{
    static const struct cli_column columns[] = {
        {"name", "NAME", CLI_PLAIN},
        {"role", "ROLE", CLI_PLAIN},
        {"for", "FOR", CLI_PLAIN},
        {"market", "MARKET", CLI_PLAIN},
        {"created", "CREATED", CLI_TIME},
        {"expires", "LAST DAY", CLI_DATE},
        {"sessions", "SESSIONS", CLI_NUMBER},
        {NULL, NULL, CLI_PLAIN},
    };
    json_t *body;
    cli_any_market(cli);
    cli_suppose_role(cli, PM_OPERATOR);
    enum cli_exit code = cli_ask_list(cli, PM_TOKEN_LIST, (struct pm_list){0}, &body);
    if (code == CLI_DONE && !cli_json(cli, body)) {
        name_principals(body);
        if (json_array_size(json_object_get(body, "rows")) == 0)
            cli_say(cli, "There are no tokens.");
        else
            cli_table(cli->out, columns, json_object_get(body, "rows"));
    }
    json_decref(body);
    return code;
}

static enum cli_exit revoke_token(struct cli *cli)
{
    const struct pm_command command = {.verb = PM_TOKEN_REVOKE,
                                       .token_name = {.name = pm_text(cli->operand)}};
    cli_any_market(cli);
    cli_suppose_role(cli, PM_OPERATOR);
    return cli_do_saying(cli, &command, "The token %s is revoked, and its sessions are over.",
                         cli->operand);
}

/* ---- The tables ---- */

static const struct cli_option create_options[] = {
    {"role", "ROLE", "broker, hospital, provider, commissioner or operator.", true},
    {"provider", "NAME", "Of a provider's: whom it acts for, by its name in the market.", false},
    {"referrer", "NAME", "Of a hospital's: whose packages; as the token's name unless said.",
     false},
    {"market", "NAME", "The only market it is for; a provider's needs one.", false},
    {"expires", "DATE", "Its last day.", false},
    {"out", "FILE", "Make this file, for its owner alone, and write the token there.", false},
    CLI_END,
};
static const struct cli_option list_options[] = {CLI_LIST_OPTIONS, CLI_END};
static const struct cli_option revoke_options[] = {CLI_END};

static const struct cli_command commands[] = {
    {"create", "NAME", "Makes a token, which is shown this once", create_options, create},
    {"list", NULL, "Lists tokens, but not what they are", list_options, list},
    {"revoke", "NAME", "Ends a token and whatever is logged in with it", revoke_options,
     revoke_token},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_noun cli_token = {"token", "Tokens: who may log in", commands};
