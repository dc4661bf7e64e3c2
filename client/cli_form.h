/*
 * cli_form.h - what is needed, as options say it: the same for a package that is posted, amended or
 * imported.
 */
#ifndef PM_CLI_FORM_H
#define PM_CLI_FORM_H

#include "client/cli.h"

/* What the options hold, until the command is sent: the package points into the rest. */
struct cli_form {
    struct pm_package package;
    struct pm_visit visit[PM_VISITS_MAX];
    struct pm_text need[PM_NEEDS_MAX];
    struct pm_text exclusion[PM_EXCLUSIONS_MAX];
    struct pm_text preferred[PM_PREFERENCES_MAX];
};

/* All but the reference. False when something makes no sense, which has then been said. */
bool cli_take_form(struct cli *cli, struct cli_form *out);

/* What the options give of it: enum pm_given. */
uint32_t cli_form_given(const struct cli *cli);

/* clang-format off */
#define CLI_NEED_OPTIONS \
    {"postcode", "POSTCODE", "Where care is needed: a unit, sector or district. Only locality and sector are kept.", false}, \
    {"locality", "NAME", "The locality, when there is no postcode.", false}, \
    {"sector", "SECTOR", "The postcode's sector beside a locality.", false}, \
    {"visit", "VISIT", "\"mon-sun 07:00-10:00 30m [x2] [critical]\"; give it once for each visit.", false}, \
    {"place", "TYPE", "The type of place, for kinds counted in places; no need by itself.", false}, \
    {"needs", "NAME,...", "Capabilities that are needed.", false}, \
    {"start-from", "DATE", "The first day care may start.", false}, \
    {"start-by", "DATE", "The day by which it must.", false}, \
    {"priority", "N", "0, most urgent, to 3; of a new one 3. Cover may raise it.", false}, \
    {"interim", "COVER", "no_cover (of a new one), family, in_hospital, bridged or on_notice.", false}, \
    {"payer", "PAYER", "council (of a new one), health, section_117 or self_funder.", false}, \
    {"exclude", "NAME,...", "Providers not to ask.", false}, \
    {"continuity", "NAME", "The provider who knows the person.", false}, \
    {"prefer", "LOCATION,...", "Up to four locations that the person would like, the first choice first.", false}, \
    {"follows", "REF", "The package that this one takes over from.", false}, \
    {"person", "TOKEN", "An opaque token for the person, never a name or number.", false}, \
    {"planned-end", "DATE", "The day on which care is to end.", false}
/* What can only be said of a package that is new and not placed. */
#define CLI_NEW_OPTIONS \
    {"arrangement", "WHO", "managed (unless said), or direct_payment: the person arranges it.", false}, \
    {"group", "NAME", "The group of packages that are placed all or none.", false}, \
    {"group-size", "N", "How many packages the group has, 2 to 4.", false}, \
    {"together", NULL, "The group is placed with one service.", false}
/* clang-format on */

#endif
