/*
 * cli_round_file.h - the commands of the noun `round` that work on a certificate's file, without a
 * daemon, and what they share.
 */
#ifndef PM_CLI_ROUND_FILE_H
#define PM_CLI_ROUND_FILE_H

#include "client/cli.h"
#include "client/round_file.h"

extern const struct cli_option cli_round_verify_options[], cli_round_prices_options[];
enum cli_exit cli_round_verify(struct cli *cli);
enum cli_exit cli_round_prices(struct cli *cli);

/* Reads the operand as a certificate's file; CLI_DONE, or what went wrong has been said. */
enum cli_exit cli_round_read(struct cli *cli, struct round_file *out);
/* Says what is wrong with the file, or with reading it. */
enum cli_exit cli_round_failed(struct cli *cli, const char *why);
/* A document's text as JSON; empty when memory fails. */
json_t *cli_round_text(struct pm_text text);

#endif
