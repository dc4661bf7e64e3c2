/*
 * cli_value.c - options and operands as values, each mistake with the option it is in.
 */
#include "client/cli.h"
#include "client/cli_parse.h"

#include <string.h>

const char *cli_value(const struct cli *cli, const char *name)
{
    for (size_t at = cli->values; at > 0; at--) {
        if (strcmp(cli->value[at - 1].option->name, name) == 0)
            return cli->value[at - 1].text;
    }
    return NULL;
}

struct pm_text cli_text(const struct cli *cli, const char *name)
{
    return pm_text(cli_value(cli, name));
}

/* Says what is wrong with an option; false. */
static bool complain(struct cli *cli, const char *name, const struct pm_client_error *error)
{
    cli_usage(cli, "--%s: %s", name, error->text);
    return false;
}

bool cli_take_date(struct cli *cli, const char *name, int32_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    return text == NULL || cli_parse_date(pm_text(text), out, &error) ||
           complain(cli, name, &error);
}

bool cli_take_time(struct cli *cli, const char *name, int64_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    return text == NULL || cli_parse_time(pm_text(text), out, &error) ||
           complain(cli, name, &error);
}

bool cli_take_duration(struct cli *cli, const char *name, uint32_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    return text == NULL || cli_parse_duration(pm_text(text), out, &error) ||
           complain(cli, name, &error);
}

bool cli_take_number(struct cli *cli, const char *name, uint64_t max, uint64_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    return text == NULL || cli_parse_number(pm_text(text), max, out, &error) ||
           complain(cli, name, &error);
}

bool cli_take_count(struct cli *cli, const char *name, uint64_t max, uint64_t *out)
{
    if (!cli_take_number(cli, name, max, out))
        return false;
    if (cli_value(cli, name) == NULL || *out != 0)
        return true;
    cli_usage(cli, "--%s: 1 or more", name);
    return false;
}

bool cli_take_byte(struct cli *cli, const char *name, uint8_t *out)
{
    uint64_t number = *out;
    if (!cli_take_number(cli, name, UINT8_MAX, &number))
        return false;
    *out = (uint8_t)number;
    return true;
}

bool cli_take_postcode(struct cli *cli, const char *name, uint64_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    return text == NULL || cli_parse_postcode(pm_text(text), out, &error) ||
           complain(cli, name, &error);
}

bool cli_take_pounds(struct cli *cli, const char *name, int32_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    if (text == NULL)
        return true;
    if (!cli_parse_pounds(pm_text(text), out, &error))
        return complain(cli, name, &error);
    if (*out == 0)
        cli_usage(cli, "--%s: more than 0; without it the usual one counts", name);
    return *out != 0;
}

bool cli_take_shift(struct cli *cli, const char *name, int32_t *out)
{
    struct pm_client_error error;
    const char *text = cli_value(cli, name);
    return text == NULL || cli_parse_shift(pm_text(text), out, &error) ||
           complain(cli, name, &error);
}

/* The names that name_of() gives, parted by commas. */
static void list_names(const char *(*name_of)(unsigned), struct pm_client_error *out)
{
    size_t used = 0;
    out->text[0] = '\0';
    for (unsigned number = 0; number <= UINT8_MAX && used < sizeof out->text - PM_NAME_MAX;
         number++) {
        if (name_of(number) != NULL)
            used += (size_t)snprintf(out->text + used, sizeof out->text - used, "%s%s",
                                     used > 0 ? ", " : "", name_of(number));
    }
}

bool cli_take_name(struct cli *cli, const char *name, const char *(*name_of)(unsigned),
                   uint8_t *out)
{
    struct pm_client_error names;
    const char *text = cli_value(cli, name);
    if (text == NULL)
        return true;
    int number = pm_name_parse(name_of, pm_text(text));
    if (number < 0) {
        list_names(name_of, &names);
        cli_usage(cli, "--%s: \"%.60s\" is none of %s", name, text, names.text);
        return false;
    }
    *out = (uint8_t)number;
    return true;
}

bool cli_take_state(struct cli *cli, const char *(*name_of)(unsigned), uint8_t *out)
{
    uint8_t state = 0;
    *out = 0;
    if (cli_value(cli, "state") == NULL)
        return true;
    if (!cli_take_name(cli, "state", name_of, &state))
        return false;
    *out = (uint8_t)(state + 1);
    return true;
}

/* Adds one value's names. */
static bool take_names(struct cli *cli, const char *name, struct pm_text text, struct pm_text *out,
                       size_t max, uint8_t *count)
{
    struct pm_text part;
    while (cli_next_part(&text, ',', &part)) {
        if (part.length == 0 || *count >= max) {
            cli_usage(cli, "--%s: %s", name,
                      part.length == 0 ? "a name in the list is empty"
                                       : "there are too many of them");
            return false;
        }
        out[(*count)++] = part;
    }
    return true;
}

bool cli_take_list(struct cli *cli, const char *name, struct pm_text *out, size_t max,
                   uint8_t *count)
{
    *count = 0;
    for (size_t at = 0; at < cli->values; at++) {
        if (strcmp(cli->value[at].option->name, name) == 0 && cli->value[at].text[0] != '\0' &&
            !take_names(cli, name, pm_text(cli->value[at].text), out, max, count))
            return false;
    }
    return true;
}

bool cli_take_id(struct cli *cli, uint64_t *out)
{
    struct pm_client_error error;
    if (cli_parse_number(pm_text(cli->operand), INT64_MAX, out, &error))
        return true;
    cli_usage(cli, "%s: %s", cli->command->operand, error.text);
    return false;
}

struct pm_package_id cli_package_id(const struct cli *cli)
{
    return (struct pm_package_id){.reference = pm_text(cli->operand),
                                  .referrer = cli_text(cli, "referrer")};
}
