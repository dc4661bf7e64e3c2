/* script_parts.h - what the parts of script.c share. Each function returns false with the error
 * said. */
#ifndef PM_TEST_SCRIPT_PARTS_H
#define PM_TEST_SCRIPT_PARTS_H

#include "tests/lib/script.h"

/* Says what is wrong with the line; always false. */
__attribute__((format(printf, 2, 3))) bool script_wrong(struct script *script, const char *format,
                                                        ...);
/* The next word of the line; NULL when there is none, or (script_need) an error and "". */
char *script_next(struct script *script);
char *script_need(struct script *script, const char *what);
/* Takes the next word if it is this one. */
bool script_take(struct script *script, const char *word);
/* Memory, zero, that lives as long as the script. */
void *script_memory(struct script *script, size_t count, size_t size);
/* The parts of a list "a,b,c"; "none": none. */
uint32_t script_list(struct script *script, char *word, struct pm_text **out);
bool script_number(struct script *script, const char *word, int64_t *out);
/* "4h", "30m", "10s", "5ms", "2d" in milliseconds. */
bool script_duration(struct script *script, const char *word, int64_t *out);
/* "2024-12-24" or "2024-12-24T09:00", in milliseconds; "+4h" from now; "now". */
bool script_time(struct script *script, const char *word, int64_t *out);

/* script_command.c: words as values. A number of one of the vocabulary's lists, by its name or
 * itself; "none" is an empty name, and the postcode 0; a postcode that cannot be read is what
 * decoding makes of it. "X1" is a reference, "X1:ward" that of a referrer. */
uint8_t script_named(struct script *script, const char *(*name_of)(unsigned), const char *word);
uint8_t script_small(struct script *script, const char *word);
int32_t script_pence(struct script *script, const char *word);
int32_t script_date(struct script *script, const char *word);
uint64_t script_postcode(struct pm_text text);
struct pm_text script_name(const char *word);
void script_reference(struct script *script, struct pm_text *out, struct pm_text *referrer);

/* script_package.c, script_answer.c: fill a command from the rest of its line. */
void script_make_package(struct script *script, struct pm_command *out, uint8_t verb);
void script_make_import(struct script *script, struct pm_command *out);
void script_make_id(struct script *script, struct pm_command *out, uint8_t verb);
void script_make_answer(struct script *script, struct pm_command *out, uint8_t verb);
void script_make_tender(struct script *script, struct pm_command *out);
void script_make_override(struct script *script, struct pm_command *out);
void script_make_choice(struct script *script, struct pm_command *out);
void script_make_handback(struct script *script, struct pm_command *out);
void script_make_stay(struct script *script, struct pm_command *out);

/* script_command.c: makes the command whose verb is the line's first word. False without an error
 * when it is none. */
bool script_command(struct script *script, const char *verb, struct pm_command *out);
/* The number of an offer: "X1" the last of that package, "X1/2" its second, "X1@hc1" the last of
 * that service, "=7" that id. */
bool script_offer_id(struct script *script, const char *word, const struct script_offer **offer,
                     uint64_t *id);
/* script_rules.c: a line that changes the next load's rules, or the limits. */
bool script_rule(struct script *script, const char *verb, bool *known);
/* script_expect.c: the market that lines are about; the package a word names, 0 with an error said
 * when there is none; whether what was found is what the line says; a band named by the next word,
 * -1. */
uint32_t script_market(const struct script *script);
uint32_t script_package(struct script *script, char *word);
bool script_is_name(struct script *script, const char *what, const char *found,
                    const char *expected);
bool script_is_number(struct script *script, const char *what, int64_t found);
int script_band(struct script *script, const struct pm_kind *kind);
/* The id of a placement: "X1" the current one of that package, "X1/successor" that which takes its
 * place, "=7" that id. */
uint64_t script_placement_id(struct script *script, char *word);
bool script_expect(struct script *script);

/* script_expect_supply.c: what a line expects of providers and pools; *known whether it is one. How
 * many bands a pool of that name has, 1 if there is none. */
bool script_expect_supply(struct script *script, const char *what, bool *known);
uint8_t script_pool_bands(const struct script *script, struct pm_text pool);

#endif
