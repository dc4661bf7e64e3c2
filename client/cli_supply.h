/*
 * cli_supply.h - options that the records of supply share.
 */
#ifndef PM_CLI_SUPPLY_H
#define PM_CLI_SUPPLY_H

#include "client/cli.h"

/* clang-format off */
#define CLI_STANDING {"standing", "STANDING", "active (unless said), suspended or ceased.", false}
#define CLI_WHOLE "; what is not given takes its default"
/* clang-format on */

#endif
