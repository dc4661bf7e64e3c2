/*
 * cli_form.c - what is needed, as options say it.
 */
#include "client/cli_form.h"

#include "client/cli_parse.h"

#include <string.h>

static bool take_visits(struct cli *cli, struct cli_form *form)
{
    struct pm_client_error error;
    for (size_t at = 0; at < cli->values; at++) {
        if (strcmp(cli->value[at].option->name, "visit") != 0)
            continue;
        if (form->package.visits == PM_VISITS_MAX) {
            cli_usage(cli, "--visit: a package has at most %d visits", PM_VISITS_MAX);
            return false;
        }
        if (!cli_parse_visit(cli->value[at].text, &form->visit[form->package.visits], &error)) {
            cli_usage(cli, "--visit: %s", error.text);
            return false;
        }
        form->package.visits++;
    }
    form->package.visit = form->visit;
    return true;
}

static bool take_lists(struct cli *cli, struct cli_form *form)
{
    struct pm_package *package = &form->package;
    package->need = form->need;
    package->exclusion = form->exclusion;
    package->preferred = form->preferred;
    return cli_take_list(cli, "needs", form->need, PM_NEEDS_MAX, &package->needs) &&
           cli_take_list(cli, "exclude", form->exclusion, PM_EXCLUSIONS_MAX,
                         &package->exclusions) &&
           cli_take_list(cli, "prefer", form->preferred, PM_PREFERENCES_MAX, &package->preferences);
}

static void take_texts(struct cli *cli, struct pm_package *package)
{
    package->referrer = cli_text(cli, "referrer");
    package->kind = cli_text(cli, "kind");
    package->locality = cli_text(cli, "locality");
    package->place_type = cli_text(cli, "place");
    package->continuity = cli_text(cli, "continuity");
    package->person = cli_text(cli, "person");
    package->follows = cli_text(cli, "follows");
}

static bool take_numbers(struct cli *cli, struct pm_package *package)
{
    return cli_take_postcode(cli, "postcode", &package->postcode) &&
           cli_take_postcode(cli, "sector", &package->sector) &&
           cli_take_byte(cli, "priority", &package->priority) &&
           cli_take_name(cli, "interim", pm_interim_name, &package->interim) &&
           cli_take_name(cli, "payer", pm_payer_name, &package->payer) &&
           cli_take_name(cli, "arrangement", pm_arrangement_name, &package->arrangement) &&
           cli_take_date(cli, "start-from", &package->start_from) &&
           cli_take_date(cli, "start-by", &package->start_by) &&
           cli_take_date(cli, "planned-end", &package->planned_end);
}

static bool take_group(struct cli *cli, struct pm_package *package)
{
    bool named = cli_value(cli, "group") != NULL;
    bool sized = cli_value(cli, "group-size") != NULL;
    package->group = cli_text(cli, "group");
    package->together = cli_value(cli, "together") != NULL;
    if (named != sized || (package->together && !named)) {
        cli_usage(cli, "a group has a name and a size: --group and --group-size");
        return false;
    }
    return cli_take_byte(cli, "group-size", &package->group_size);
}

bool cli_take_form(struct cli *cli, struct cli_form *out)
{
    *out = (struct cli_form){.package = {.priority = PM_PRIORITIES - 1}};
    take_texts(cli, &out->package);
    return take_visits(cli, out) && take_lists(cli, out) && take_numbers(cli, &out->package) &&
           take_group(cli, &out->package);
}

uint32_t cli_form_given(const struct cli *cli)
{
    static const struct {
        const char *option;
        uint32_t given;
    } all[] = {
        {"postcode", PM_GIVEN_PLACE},        {"locality", PM_GIVEN_PLACE},
        {"sector", PM_GIVEN_PLACE},          {"visit", PM_GIVEN_VISITS},
        {"place", PM_GIVEN_PLACE_TYPE},      {"needs", PM_GIVEN_NEEDS},
        {"start-from", PM_GIVEN_START},      {"start-by", PM_GIVEN_START},
        {"priority", PM_GIVEN_PRIORITY},     {"interim", PM_GIVEN_INTERIM},
        {"payer", PM_GIVEN_PAYER},           {"exclude", PM_GIVEN_EXCLUSIONS},
        {"person", PM_GIVEN_PERSON},         {"planned-end", PM_GIVEN_PLANNED_END},
        {"continuity", PM_GIVEN_CONTINUITY}, {"prefer", PM_GIVEN_PREFERRED},
        {"follows", PM_GIVEN_FOLLOWS},
    };
    uint32_t mask = 0;
    for (size_t at = 0; at < sizeof all / sizeof all[0]; at++) {
        if (cli_value(cli, all[at].option) != NULL)
            mask |= all[at].given;
    }
    return mask;
}
