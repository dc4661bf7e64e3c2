/*
 * cli_run.c - the program as a whole: which command it is, what it was told, and running it.
 */
#include "client/cli.h"
#include "client/cli_parse.h"
#include "client/endpoint.h"

#include <stdlib.h>
#include <string.h>

const struct cli_noun *const cli_nouns[] = {
    &cli_package, &cli_offer,  &cli_placement, &cli_award,    &cli_choice,   &cli_round,
    &cli_explain, &cli_watch,  &cli_capacity,  &cli_provider, &cli_location, &cli_pool,
    &cli_service, &cli_market, &cli_token,     &cli_journal,  &cli_backup,   &cli_restore,
    &cli_stats,   &cli_digest, &cli_tick,      &cli_clock,    NULL,
};

const struct cli_option cli_general[] = {
    {"connect", "URL", "Where the daemon listens; " CLI_URL_DEFAULT " unless said.", false},
    {"market", "NAME", "The market this is about.", false},
    {"token-file", "FILE", "Log in with the token in this file, which nobody else may read.",
     false},
    {"as", "ROLE[:NAME]",
     "Who acts: broker, hospital, provider, commissioner or operator; without "
     "a token.",
     false},
    {"tls-ca", "FILE", "Authorities that the daemon's certificate may be from, over tls+tcp.",
     false},
    {"tls-cert", "FILE", "This client's own certificate, where the daemon wants one.", false},
    {"tls-key", "FILE", "Its private key, which nobody else may read.", false},
    {"client", "ID", "This client's number, with --request-id alone; 1 unless said.", false},
    {"request-id", "N", "Number of the command: sent again with the same, it is done once.", false},
    {"timeout", "S", "Seconds to try for, 10 unless said.", false},
    {"json", NULL, "Print one JSON document.", false},
    {"help", NULL, "Print help and exit.", false},
    {"version", NULL, "Print the version and exit.", false},
    {NULL, NULL, NULL, false},
};

/* ---- Reading the arguments ---- */

/* An argument list being read. */
struct arguments {
    char **next;
    bool only_operands; /* after -- */
};

static const struct cli_option *find_option(const struct cli_option *options, const char *name,
                                            size_t length)
{
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == length && memcmp(options->name, name, length) == 0)
            return options;
    }
    return NULL;
}

static bool keep_value(struct cli *cli, const struct cli_option *option, const char *text)
{
    if (cli->values == CLI_VALUES_MAX) {
        cli_usage(cli, "there are more than %d options", CLI_VALUES_MAX);
        return false;
    }
    cli->value[cli->values++] = (struct cli_value){option, text};
    return true;
}

/* Reads "--name", "--name=value" or "--name value". */
static bool read_option(struct cli *cli, struct arguments *arguments, const char *argument)
{
    const char *name = strcmp(argument, "-h") == 0 ? "help" : argument + 2;
    size_t length = strcspn(name, "=");
    const struct cli_option *option = NULL;
    if (cli->command != NULL)
        option = find_option(cli->command->options, name, length);
    if (option == NULL)
        option = find_option(cli_general, name, length);
    if (option == NULL) {
        cli_usage(cli, "there is no option %s%s", argument,
                  cli->command != NULL ? " here" : " before the verb");
        return false;
    }
    const char *text = name[length] == '=' ? name + length + 1 : NULL;
    if (option->argument == NULL && text != NULL) {
        cli_usage(cli, "--%s takes no value", option->name);
        return false;
    }
    if (option->argument != NULL && text == NULL && *arguments->next != NULL)
        text = *arguments->next++;
    if (option->argument != NULL && text == NULL) {
        cli_usage(cli, "--%s needs a value: %s", option->name, option->argument);
        return false;
    }
    return keep_value(cli, option, text != NULL ? text : "");
}

static bool take_noun(struct cli *cli, const char *word)
{
    for (const struct cli_noun *const *noun = cli_nouns; *noun != NULL; noun++) {
        if (strcmp((*noun)->name, word) != 0)
            continue;
        cli->noun = *noun;
        if ((*noun)->commands[0].verb == NULL)
            cli->command = &(*noun)->commands[0];
        return true;
    }
    cli_usage(cli, "there is no noun \"%s\"", word);
    return false;
}

static bool take_verb(struct cli *cli, const char *word)
{
    for (const struct cli_command *command = cli->noun->commands; command->run != NULL; command++) {
        if (strcmp(command->verb, word) == 0) {
            cli->command = command;
            return true;
        }
    }
    cli_usage(cli, "%s has no verb \"%s\"", cli->noun->name, word);
    return false;
}

static bool has_two(const struct cli_command *command)
{
    return command->operand != NULL && strchr(command->operand, ' ') != NULL;
}

static bool take_operand(struct cli *cli, const char *word)
{
    if (cli->noun == NULL)
        return take_noun(cli, word);
    if (cli->command == NULL)
        return take_verb(cli, word);
    if (has_two(cli->command) && cli->operand != NULL && cli->second == NULL) {
        cli->second = word;
        return true;
    }
    if (cli->command->operand == NULL || cli->operand != NULL) {
        cli_usage(cli, "\"%s\" is one word too many", word);
        return false;
    }
    cli->operand = word;
    return true;
}

static bool read_arguments(struct cli *cli, struct arguments *arguments)
{
    while (*arguments->next != NULL) {
        const char *argument = *arguments->next++;
        bool option = !arguments->only_operands && argument[0] == '-' && argument[1] != '\0';
        if (option && strcmp(argument, "--") == 0) {
            arguments->only_operands = true;
            continue;
        }
        if (option && argument[1] != '-' && strcmp(argument, "-h") != 0) {
            cli_usage(cli, "there is no option %s", argument);
            return false;
        }
        if (!(option ? read_option(cli, arguments, argument) : take_operand(cli, argument)))
            return false;
    }
    return true;
}

/* ---- Settings ---- */

/* An option's value, or else the environment's, or NULL; an empty one there counts as none. */
static const char *setting(const struct cli *cli, const char *option, const char *variable)
{
    const char *value = cli_value(cli, option);
    if (value == NULL)
        value = getenv(variable);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* As setting(); but of the environment only where it is of use, since it may be set for another
 * daemon. */
static const char *tls_setting(const struct cli *cli, const char *option, const char *variable)
{
    return endpoint_is_tls(cli->url) ? setting(cli, option, variable) : cli_value(cli, option);
}

/* The file of the token to log in with, or NULL: who acts is then stated. What was said in this run
 * goes before the environment. */
static const char *token_file(const struct cli *cli)
{
    bool stated = cli_value(cli, "as") != NULL && cli_value(cli, "token-file") == NULL;
    return stated ? NULL : setting(cli, "token-file", "PLACEMAT_TOKEN_FILE");
}

/* A token says who acts. */
static bool take_token(struct cli *cli, const char *path)
{
    if (cli_value(cli, "as") != NULL) {
        cli_usage(cli, "say who acts by --as or by --token-file, not by both");
        return false;
    }
    return cli_read_token(cli, path);
}

static bool take_actor(struct cli *cli)
{
    struct pm_client_error error;
    const char *user = getenv("USER");
    const char *as = setting(cli, "as", "PLACEMAT_AS");
    if (user == NULL || user[0] == '\0' || strlen(user) > PM_NAME_MAX)
        user = "placemat";
    cli->actor = (struct pm_actor){.role = PM_BROKER, .name = pm_text(user)};
    cli->actor_said = as != NULL;
    if (as == NULL || cli_parse_actor(as, &cli->actor, &error))
        return true;
    cli_usage(cli, "--as: %s", error.text);
    return false;
}

/* An option that is there but empty is mostly a script's variable that is not set: to go on without
 * it would be to ask another daemon, or to act as somebody else. */
static bool none_is_empty(struct cli *cli)
{
    static const char *const names[] = {"connect", "tls-ca", "tls-cert",  "tls-key",
                                        "market",  "as",     "token-file"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = cli_value(cli, names[i]);
        if (value == NULL || value[0] != '\0')
            continue;
        cli_usage(cli, "--%s: it is empty: say one, or leave the option out", names[i]);
        return false;
    }
    return true;
}

static bool take_settings(struct cli *cli)
{
    if (!none_is_empty(cli))
        return false;
    cli->url = setting(cli, "connect", "PLACEMAT_URL");
    if (cli->url == NULL)
        cli->url = CLI_URL_DEFAULT;
    cli->tls.ca = tls_setting(cli, "tls-ca", "PLACEMAT_TLS_CA");
    cli->tls.cert = tls_setting(cli, "tls-cert", "PLACEMAT_TLS_CERT");
    cli->tls.key = tls_setting(cli, "tls-key", "PLACEMAT_TLS_KEY");
    cli->market = setting(cli, "market", "PLACEMAT_MARKET");
    cli->json = cli_value(cli, "json") != NULL;
    const char *token = token_file(cli);
    if (!(token != NULL ? take_token(cli, token) : take_actor(cli)) ||
        !cli_take_count(cli, "client", INT64_MAX, &cli->client_id) ||
        !cli_take_count(cli, "request-id", INT64_MAX, &cli->number) ||
        !cli_take_duration(cli, "timeout", &cli->timeout))
        return false;
    if (cli->client_id != 0 && cli->number == 0) {
        cli_usage(cli, "--client goes with --request-id: a number of yours for each request");
        return false;
    }
    /* A number means something only under an id that is the same next time. */
    if (cli->number != 0 && cli->client_id == 0)
        cli->client_id = 1;
    return true;
}

/* ---- Running ---- */

static bool is_complete(struct cli *cli)
{
    if (cli->noun == NULL || cli->command == NULL) {
        cli_usage(cli, cli->noun == NULL ? "say what to do" : "say what to do with it");
        return false;
    }
    if (cli->command->operand != NULL &&
        (cli->operand == NULL || (has_two(cli->command) && cli->second == NULL))) {
        cli_usage(cli, "%s is missing", cli->command->operand);
        return false;
    }
    for (const struct cli_option *option = cli->command->options; option->name != NULL; option++) {
        if (option->needed && cli_value(cli, option->name) == NULL) {
            cli_usage(cli, "--%s %s is missing", option->name, option->argument);
            return false;
        }
    }
    return true;
}

static enum cli_exit run(struct cli *cli, char **argv)
{
    struct arguments arguments = {.next = argv};
    bool well = read_arguments(cli, &arguments);
    if (well && cli_value(cli, "help") != NULL) {
        cli_help(cli->out, cli->noun, cli->command);
        return CLI_DONE;
    }
    if (well && cli_value(cli, "version") != NULL) {
        fprintf(cli->out, "placemat %s\n", PM_VERSION);
        return CLI_DONE;
    }
    if (!well || !is_complete(cli) || !take_settings(cli))
        return CLI_USAGE;
    return cli->command->run(cli);
}

int cli_run(int argc, char **argv, FILE *out, FILE *err)
{
    struct cli cli = {.out = out, .err = err};
    enum cli_exit code = run(&cli, argc > 0 ? argv + 1 : argv);
    pm_client_close(cli.client);
    if (fflush(out) != 0 || ferror(out)) {
        fprintf(err, "placemat: what was to be printed could not be written.\n");
        return code == CLI_DONE ? CLI_REFUSED : (int)code;
    }
    return (int)code;
}
