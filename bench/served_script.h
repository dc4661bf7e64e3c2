/*
 * served_script.h: the commands that one lane of the served benchmark sends: made and encoded
 * beforehand, so that sending costs the client a copy.
 *
 * A script first posts the packages its lane keeps alive, then goes round a cycle in which each
 * post is followed by the withdrawal of the lane's oldest package. A package has another reference
 * in each round: the lane, its place in the cycle, and the round.
 */
#ifndef PM_BENCH_SERVED_SCRIPT_H
#define PM_BENCH_SERVED_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "council.h"

/* What a script is made of, for people. */
#define SCRIPT_MIX                                                                           \
    "20% package.post, 20% package.withdraw, 25% package.amend of the start (a new offer), " \
    "20% package.amend of the priority, 15% capacity.set"

struct script_options {
    const struct council *council;
    uint32_t lane;  /* scripts of different lanes never name the same package */
    uint32_t batch; /* commands of a message, 1 to PM_COMMANDS_MAX */
    uint32_t live;  /* packages the lane keeps alive, at least 1 */
};

struct script {
    uint8_t *bytes;      /* the commands' */
    uint32_t *at;        /* of each, and of the end */
    struct step *step;   /* of each */
    uint32_t fill, size; /* commands: before the cycle, and all */
    uint32_t batch;
    uint32_t next;  /* the command to be sent next */
    uint64_t round; /* of the cycle; 0 until the fill is sent */
};

/* False when memory is short. */
bool script_open(struct script *script, const struct script_options *options);
void script_close(struct script *script);

/* The next message's commands, encoded; how many they are. */
uint32_t script_message(const struct script *script, const uint8_t **bytes, size_t *size);
/* They were answered: on to the next message. */
void script_advance(struct script *script);
/* Leaves the posts before the cycle out: for a server that keeps nothing. */
void script_skip_fill(struct script *script);
/* Whether the packages to be kept alive have been posted. */
bool script_is_filled(const struct script *script);

/* What has been sent and answered, all in all. */
struct script_totals {
    uint64_t post, withdraw, amend, capacity;
};
void script_add_totals(const struct script *script, struct script_totals *totals);

#endif
