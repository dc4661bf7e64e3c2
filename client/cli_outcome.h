/*
 * cli_outcome.h - what became of a package after a command about it, looked up and said.
 */
#ifndef PM_CLI_OUTCOME_H
#define PM_CLI_OUTCOME_H

#include "client/cli.h"

/* The package as it is now, as package.show has it: see cli_look(). */
json_t *cli_package_now(struct cli *cli, struct pm_package_id id);

/* "X123 posted: offered to fernglow until 2026-11-22 07:51." `package`: NULL when it could not be
 * looked up; then only what was done is said. */
void cli_say_package(struct cli *cli, struct pm_package_id id, const char *done,
                     const json_t *package);

/* Sends a command about a package, looks what became of it and has that said; with --json it stands
 * in the document. `result`: the result's id. `package`: NULL when it could not be looked up. */
enum cli_exit cli_do_package(struct cli *cli, const struct pm_command *command,
                             struct pm_package_id id,
                             void (*say)(struct cli *cli, struct pm_package_id id, int64_t result,
                                         const json_t *package));

/* Is this the package's placement, or the one that is to succeed it? */
bool cli_is_placement(const json_t *package, int64_t placement);

#endif
