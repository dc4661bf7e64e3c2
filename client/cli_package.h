/*
 * cli_package.h - what placemat package and placement share.
 */
#ifndef PM_CLI_PACKAGE_H
#define PM_CLI_PACKAGE_H

#include "client/cli.h"

enum cli_exit cli_list_packages(struct cli *cli);
enum cli_exit cli_show_package(struct cli *cli);

/* The reasons that are of the person: with them care and need for it end. The names of the others
 * are not given. */
const char *cli_person_reason_name(unsigned reason);
#define CLI_PERSON_REASONS "completed, died, readmitted, chose_otherwise, moved_away"

/* Of a place that is meant for a while, puts into words who frees it: "freed_by" becomes the
 * reference and state of the package that does, or "nothing". Other placements stay as they are. */
void cli_name_freed(json_t *placement);

#endif
