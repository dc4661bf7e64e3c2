/*
 * served_script.c: see served_script.h.
 */
#include "served_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire.h"

enum {
    MIX = 20,
    CYCLE_LEAST = 1000, /* commands */
    COMMAND_BYTES = 512,
    ROUND_DIGITS = 8,
    REFERENCE = PM_NAME_MAX + 1,
    ROUND_AT = 14, /* of the round in a reference */
    DAYS_AHEAD = 60,
    START_BY = 20100, /* the earliest start_by of an amendment: in 2025 */
};

enum what { POST, WITHDRAW, AMEND_START, AMEND_PRIORITY, CAPACITY };
static const uint8_t mix[MIX] = {
    POST, WITHDRAW, AMEND_START, AMEND_PRIORITY, CAPACITY,
    POST, WITHDRAW, AMEND_START, AMEND_PRIORITY, AMEND_START,
    POST, WITHDRAW, AMEND_START, AMEND_PRIORITY, CAPACITY,
    POST, WITHDRAW, AMEND_START, AMEND_PRIORITY, CAPACITY,
};
enum { MIX_POSTS = 4 };

struct step {
    uint8_t what;      /* enum what */
    bool round_before; /* the package was posted in the round before */
    uint32_t round_at; /* of the round's digits in the script's bytes; 0: there are none */
};

/* Being made. */
struct making {
    struct script *script;
    const struct script_options *options;
    struct wire_writer writer;
    uint64_t random;
    uint32_t step;                /* the next */
    uint32_t posts, posted, gone; /* posts of a cycle; in this cycle so far */
};

/* ---- One command ---- */

static struct pm_command command_of(const struct making *making, enum what what, uint32_t place,
                                    struct pm_text reference)
{
    const struct script_options *options = making->options;
    uint32_t n = options->lane * making->posts + place;
    struct pm_command command = {.verb = PM_PACKAGE_AMEND, .package = {.reference = reference}};
    switch (what) {
    case POST:
        return council_post(options->council, n, reference);
    case CAPACITY:
        return council_capacity(options->council, options->lane * 7919u + making->step, 0);
    case WITHDRAW:
        command = (struct pm_command){.verb = PM_PACKAGE_WITHDRAW};
        command.id = (struct pm_package_id){.reference = reference, .reason = PM_CHOSE_OTHERWISE};
        break;
    case AMEND_START:
        command.package.given = PM_GIVEN_START;
        command.package.start_by = START_BY + (int32_t)(making->random >> 40) % DAYS_AHEAD;
        break;
    case AMEND_PRIORITY:
        command.package.given = PM_GIVEN_PRIORITY;
        command.package.priority = (uint8_t)(making->random >> 40) % PM_PRIORITIES;
        break;
    }
    return command;
}

/* Appends a command about the package at `place` of the cycle, counted from the place where this
 * round began: below 0 it is of the round before. */
static void add(struct making *making, enum what what, int64_t place)
{
    struct script *script = making->script;
    struct step *step = &script->step[making->step];
    char reference[REFERENCE];
    *step = (struct step){.what = (uint8_t)what, .round_before = place < 0};
    uint32_t at = (uint32_t)(place < 0 ? place + making->posts : place);
    snprintf(reference, sizeof reference, "B%05x-%06x-%0*x", making->options->lane & 0xfffff,
             at & 0xffffff, ROUND_DIGITS, 0u);
    struct pm_command command = command_of(making, what, at, pm_text(reference));
    size_t from = making->writer.used;
    script->at[making->step++] = (uint32_t)from;
    wire_command_encode(&making->writer, &command);
    const uint8_t *found = what == CAPACITY
                               ? NULL
                               : memmem(script->bytes + from, making->writer.used - from, reference,
                                        strlen(reference));
    if (found != NULL)
        step->round_at = (uint32_t)(found - script->bytes) + ROUND_AT;
}

/* ---- The whole ---- */

/* In every round each place's post comes before its withdrawal, `live` places later. */
static void add_cycle(struct making *making)
{
    uint32_t live = making->options->live;
    for (uint32_t n = 0; making->step < making->script->size; n++) {
        int64_t place = 0;
        council_random(&making->random);
        switch ((enum what)mix[n % MIX]) {
        case POST:
            place = making->posted++;
            break;
        case WITHDRAW:
            place = (int64_t)making->gone++ - live;
            break;
        case CAPACITY:
            break;
        case AMEND_START:
        case AMEND_PRIORITY: /* one of those that live */
            /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): live is 1 or more */
            place = (int64_t)making->posted - 1 - (int64_t)((making->random >> 20) % live);
            break;
        }
        add(making, (enum what)mix[n % MIX], place);
    }
}

/* Commands of a cycle: whole messages, whole mixes, and a place for each that lives. */
static uint32_t cycle_of(const struct script_options *options)
{
    uint32_t least = options->live * (MIX / MIX_POSTS), unit = options->batch;
    while (unit % MIX != 0)
        unit += options->batch;
    if (least < CYCLE_LEAST)
        least = CYCLE_LEAST;
    return (least + unit - 1) / unit * unit;
}

/* Writes the number of the round into every reference; the fill is always of round 0. */
static void begin_round(struct script *script)
{
    static const char digit[] = "0123456789abcdef";
    script->round++;
    script->next = script->fill;
    for (uint32_t i = script->fill; i < script->size; i++) {
        const struct step *step = &script->step[i];
        uint64_t round = script->round - step->round_before;
        for (uint32_t d = ROUND_DIGITS; step->round_at != 0 && d-- > 0; round >>= 4)
            script->bytes[step->round_at + d] = (uint8_t)digit[round & 15];
    }
}

bool script_open(struct script *script, const struct script_options *options)
{
    uint32_t cycle = cycle_of(options);
    *script = (struct script){
        .fill = options->live, .size = options->live + cycle, .batch = options->batch};
    size_t room = (size_t)script->size * COMMAND_BYTES;
    struct making making = {.script = script,
                            .options = options,
                            .random = options->lane + 1,
                            .posts = cycle / MIX * MIX_POSTS};
    script->bytes = malloc(room);
    script->at = calloc(script->size + 1, sizeof *script->at);
    script->step = calloc(script->size, sizeof *script->step);
    making.writer = (struct wire_writer){.bytes = script->bytes, .size = room};
    if (script->bytes == NULL || script->at == NULL || script->step == NULL)
        return false;
    for (uint32_t i = 0; i < options->live; i++)
        add(&making, POST, (int64_t)making.posts - options->live + i);
    add_cycle(&making);
    script->at[script->size] = (uint32_t)making.writer.used;
    uint8_t *fitting = realloc(script->bytes, making.writer.used);
    script->bytes = fitting != NULL ? fitting : script->bytes;
    return !making.writer.overflow;
}

void script_close(struct script *script)
{
    free(script->bytes);
    free(script->at);
    free(script->step);
    *script = (struct script){0};
}

static uint32_t end_of_message(const struct script *script)
{
    uint32_t end = script->next + script->batch;
    uint32_t limit = script->next < script->fill ? script->fill : script->size;
    return end < limit ? end : limit;
}

uint32_t script_message(const struct script *script, const uint8_t **bytes, size_t *size)
{
    uint32_t end = end_of_message(script);
    *bytes = script->bytes + script->at[script->next];
    *size = script->at[end] - script->at[script->next];
    return end - script->next;
}

void script_advance(struct script *script)
{
    script->next = end_of_message(script);
    if (script->next == script->size || (script->round == 0 && script->next == script->fill))
        begin_round(script);
}

void script_skip_fill(struct script *script)
{
    begin_round(script);
}

bool script_is_filled(const struct script *script)
{
    return script->round > 0;
}

static void count(const struct script *script, uint32_t from, uint32_t to, uint64_t times,
                  struct script_totals *totals)
{
    for (uint32_t i = from; i < to; i++) {
        uint8_t what = script->step[i].what;
        totals->post += what == POST ? times : 0;
        totals->withdraw += what == WITHDRAW ? times : 0;
        totals->amend += what == AMEND_START || what == AMEND_PRIORITY ? times : 0;
        totals->capacity += what == CAPACITY ? times : 0;
    }
}

void script_add_totals(const struct script *script, struct script_totals *totals)
{
    if (script->round == 0) {
        count(script, 0, script->next, 1, totals);
        return;
    }
    count(script, 0, script->fill, 1, totals);
    count(script, script->fill, script->size, script->round - 1, totals);
    count(script, script->fill, script->next, 1, totals);
}
