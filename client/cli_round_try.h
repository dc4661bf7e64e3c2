/*
 * cli_round_try.h - rounds that are tried and not run, and what is said of every round.
 */
#ifndef PM_CLI_ROUND_TRY_H
#define PM_CLI_ROUND_TRY_H

#include "client/cli.h"
#include "client/cli_table.h"

/* Says what a round reached, and what was scarce, if it is solved. */
void cli_round_say(struct cli *cli, const json_t *round);
/* Its packages, if there are any. */
void cli_round_table(struct cli *cli, const struct cli_column *columns, const json_t *rows);

/* Tries a round, and says what would come of it. */
enum cli_exit cli_round_try(struct cli *cli, const struct pm_round_try *tried);

#endif
