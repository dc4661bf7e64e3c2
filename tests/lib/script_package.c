/* script_package.c - lines of a script that describe a package: post, amend, import. */
#include <stdio.h>
#include <string.h>

#include "client/cli_parse.h"
#include "tests/lib/script_parts.h"

static void add_visit(struct script *script, struct pm_package *package, const char *word)
{
    struct pm_client_error error;
    struct pm_visit *visits = script_memory(script, package->visits + 1u, sizeof *visits);
    if (package->visits > 0)
        memcpy(visits, package->visit, package->visits * sizeof *visits);
    package->visit = visits;
    if (strcmp(word, "none") != 0 && !cli_parse_visit(word, &visits[package->visits++], &error))
        script_wrong(script, "%s", error.text);
}

static bool package_place(struct script *script, struct pm_package *p, const char *option,
                          const char *value)
{
    (void)script;
    if (strcmp(option, "at") == 0)
        p->postcode = script_postcode(pm_text(value));
    else if (strcmp(option, "in") == 0)
        p->locality = script_name(value);
    else if (strcmp(option, "sector") == 0)
        p->sector = script_postcode(pm_text(value));
    else
        return false;
    p->given |= PM_GIVEN_PLACE;
    return true;
}

static bool package_care(struct script *script, struct pm_package *p, const char *option,
                         char *value)
{
    struct pm_text *list;
    if (strcmp(option, "visit") == 0) {
        add_visit(script, p, value);
        p->given |= PM_GIVEN_VISITS;
    } else if (strcmp(option, "type") == 0) {
        p->place_type = script_name(value);
        p->given |= PM_GIVEN_PLACE_TYPE;
    } else if (strcmp(option, "needs") == 0) {
        p->needs = (uint8_t)script_list(script, value, &list);
        p->need = list;
        p->given |= PM_GIVEN_NEEDS;
    } else if (strcmp(option, "exclude") == 0) {
        p->exclusions = (uint8_t)script_list(script, value, &list);
        p->exclusion = list;
        p->given |= PM_GIVEN_EXCLUSIONS;
    } else if (strcmp(option, "prefer") == 0) {
        p->preferences = (uint8_t)script_list(script, value, &list);
        p->preferred = list;
        p->given |= PM_GIVEN_PREFERRED;
    } else
        return false;
    return true;
}

static bool package_dates(struct script *script, struct pm_package *p, const char *option,
                          const char *value)
{
    if (strcmp(option, "from") == 0) {
        p->start_from = script_date(script, value);
        p->given |= PM_GIVEN_START;
    } else if (strcmp(option, "by") == 0) {
        p->start_by = script_date(script, value);
        p->given |= PM_GIVEN_START;
    } else if (strcmp(option, "end") == 0) {
        p->planned_end = script_date(script, value);
        p->given |= PM_GIVEN_PLANNED_END;
    } else
        return false;
    return true;
}

static bool package_person(struct script *script, struct pm_package *p, const char *option,
                           const char *value)
{
    if (strcmp(option, "person") == 0) {
        p->person = script_name(value);
        p->given |= PM_GIVEN_PERSON;
    } else if (strcmp(option, "continuity") == 0) {
        p->continuity = script_name(value);
        p->given |= PM_GIVEN_CONTINUITY;
    } else if (strcmp(option, "priority") == 0) {
        p->priority = script_small(script, value);
        p->given |= PM_GIVEN_PRIORITY;
    } else if (strcmp(option, "payer") == 0) {
        p->payer = script_named(script, pm_payer_name, value);
        p->given |= PM_GIVEN_PAYER;
    } else if (strcmp(option, "interim") == 0) {
        p->interim = script_named(script, pm_interim_name, value);
        p->given |= PM_GIVEN_INTERIM;
    } else
        return false;
    return true;
}

static bool package_others(struct script *script, struct pm_package *p, const char *option,
                           const char *value)
{
    if (strcmp(option, "follows") == 0) {
        p->follows = script_name(value);
        p->given |= PM_GIVEN_FOLLOWS;
    } else if (strcmp(option, "arrangement") == 0)
        p->arrangement = script_named(script, pm_arrangement_name, value);
    else if (strcmp(option, "group") == 0) {
        p->group = script_name(value);
        p->group_size = script_small(script, script_need(script, "a size"));
        p->together = script_take(script, "together");
    } else
        return false;
    return true;
}

static void package_option(struct script *script, struct pm_package *p, char *option)
{
    char *value = script_need(script, option);
    if (!package_place(script, p, option, value) && !package_care(script, p, option, value) &&
        !package_dates(script, p, option, value) && !package_person(script, p, option, value) &&
        !package_others(script, p, option, value))
        script_wrong(script, "a package has no \"%s\"", option);
}

void script_make_package(struct script *script, struct pm_command *out, uint8_t verb)
{
    out->verb = verb;
    struct pm_package *p = &out->package;
    script_reference(script, &p->reference, &p->referrer);
    if (verb == PM_PACKAGE_POST)
        p->kind = pm_text(script_need(script, "a kind"));
    for (char *option; (option = script_next(script)) != NULL;)
        package_option(script, p, option);
    if (verb == PM_PACKAGE_POST)
        p->given = 0;
}

void script_make_import(struct script *script, struct pm_command *out)
{
    struct pm_import *import = &out->import;
    struct pm_package *p = script_memory(script, 1, sizeof *p);
    out->verb = PM_PLACEMENT_IMPORT;
    import->package = p;
    script_reference(script, &p->reference, &p->referrer);
    p->kind = pm_text(script_need(script, "a kind"));
    for (char *option; (option = script_next(script)) != NULL;)
        if (strcmp(option, "service") == 0)
            import->service = pm_text(script_need(script, "a service"));
        else if (strcmp(option, "rate") == 0)
            import->rate = script_pence(script, script_need(script, "a rate"));
        else if (strcmp(option, "started") == 0)
            import->started = script_date(script, script_need(script, "a date"));
        else
            package_option(script, p, option);
    p->given = 0;
}
