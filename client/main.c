/*
 * main.c - the `placemat` command line: see cli_run.c.
 */
#include "client/cli.h"

int main(int argc, char **argv)
{
    return cli_run(argc, argv, stdout, stderr);
}
