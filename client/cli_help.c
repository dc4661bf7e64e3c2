/*
 * cli_help.c - --help, from the tables that the arguments are read by.
 */
#include "client/cli.h"

#include <string.h>

static void print_options(FILE *out, const struct cli_option *options)
{
    enum { WIDEST = 24 };
    for (; options->name != NULL; options++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options->name, options->argument != NULL ? " " : "",
                 options->argument != NULL ? options->argument : "");
        fprintf(out, "  %-*s %s%s\n", WIDEST, left, options->help,
                options->needed ? " Needed." : "");
    }
}

static void print_usage(FILE *out, const struct cli_noun *noun, const struct cli_command *command)
{
    fprintf(out, "placemat %s", noun->name);
    if (command->verb != NULL)
        fprintf(out, " %s", command->verb);
    if (command->operand != NULL)
        fprintf(out, " %s", command->operand);
    for (const struct cli_option *option = command->options; option->name != NULL; option++) {
        if (option->needed)
            fprintf(out, " --%s %s", option->name, option->argument);
    }
    for (const struct cli_option *option = command->options; option->name != NULL; option++) {
        if (!option->needed) {
            fputs(" [OPTION]...", out);
            break;
        }
    }
    fputc('\n', out);
}

static void help_command(FILE *out, const struct cli_noun *noun, const struct cli_command *command)
{
    fputs("Usage: ", out);
    print_usage(out, noun, command);
    fprintf(out, "\n%s.\n", command->summary);
    if (command->options->name != NULL) {
        fputs("\nOptions:\n", out);
        print_options(out, command->options);
    }
    fputs("\nGeneral options: placemat --help\n", out);
}

static void help_noun(FILE *out, const struct cli_noun *noun)
{
    fprintf(out, "Usage: placemat %s VERB ...\n\n%s.\n\n", noun->name, noun->summary);
    for (const struct cli_command *command = noun->commands; command->run != NULL; command++) {
        fputs("  ", out);
        print_usage(out, noun, command);
        fprintf(out, "        %s.\n", command->summary);
    }
    fprintf(out, "\nOptions of each: placemat %s VERB --help\n", noun->name);
}

static void help_program(FILE *out)
{
    fputs("Usage: placemat [OPTION]... NOUN VERB ...\n\n"
          "Asks a Placemat daemon: posts packages of care, answers offers, shows who was asked and "
          "why.\n\n"
          "Nouns:\n",
          out);
    for (const struct cli_noun *const *noun = cli_nouns; *noun != NULL; noun++)
        fprintf(out, "  %-12s %s\n", (*noun)->name, (*noun)->summary);
    fputs("\nGeneral options, anywhere:\n", out);
    print_options(out, cli_general);
    fputs("\nEnvironment: PLACEMAT_URL, PLACEMAT_MARKET and PLACEMAT_AS stand in for --connect, "
          "--market "
          "and --as.\n"
          "Exit status: 0 done, 1 refused, 2 usage, 3 unreachable.\n"
          "Details: placemat NOUN --help, placemat NOUN VERB --help, placemat(1).\n",
          out);
}

void cli_help(FILE *out, const struct cli_noun *noun, const struct cli_command *command)
{
    if (command != NULL)
        help_command(out, noun, command);
    else if (noun != NULL)
        help_noun(out, noun);
    else
        help_program(out);
}
