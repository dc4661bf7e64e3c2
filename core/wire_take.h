/*
 * wire_take.h - a round's document being decoded: the parts of wire_problem_decode.c. On false the
 * error's text says where and what, as in wire_decode.h.
 */
#ifndef PM_WIRE_TAKE_H
#define PM_WIRE_TAKE_H

#include "core/wire_decode.h"
#include "core/wire_problem.h"

/* ---- Items, in the one form they may have (wire_take.c) ---- */

/* Says that what is being read is wrong in this way; returns false. */
bool take_refuse(struct decoding *decoding, const char *words);

/* Numbers of 0 to `most`; any number; text of WIRE_LABEL_MAX bytes at most. */
bool take_number(struct decoding *decoding, uint64_t most, uint64_t *out);
bool take_u32(struct decoding *decoding, uint32_t most, uint32_t *out);
bool take_i32(struct decoding *decoding, int32_t most, int32_t *out);
bool take_signed(struct decoding *decoding, int64_t *out);
bool take_bool(struct decoding *decoding, bool *out);
bool take_text(struct decoding *decoding, struct pm_text *out);
/* The head of an array of just so many items, or of so many at most. */
bool take_array(struct decoding *decoding, size_t count);
bool take_list(struct decoding *decoding, uint32_t most, uint32_t *count);

/* From here on errors are about this; and about this record of it, from 0. */
void take_enter(struct decoding *decoding, const char *name);
void take_count_on(struct decoding *decoding, uint32_t position);

/* The next key of a document, which must be this one; and an array after it. */
bool take_problem_key(struct decoding *decoding, enum wire_problem_key key);
bool take_certificate_key(struct decoding *decoding, enum wire_certificate_key key);
bool take_problem_list(struct decoding *decoding, enum wire_problem_key key, size_t count);
/* The head of a document's map, its format and version. */
bool take_format(struct decoding *decoding, unsigned keys, const char *format);

/* ---- Counts and memory (wire_problem_layout.c) ---- */

/* Arrays of what is decoded, which may be written to here; those of the result are a certificate's.
 */
struct lists {
    struct wire_kind *kind;
    struct pm_text *item_name, *part_name, *service_name, *pool_name, *locality, *cap_name;
    uint8_t *pool_kind;
    struct solver_item *item;
    struct solver_part *part;
    struct solver_pair *pair;
    struct solver_service *service;
    struct solver_amounts *demand, *pool;
    int32_t *cap;
    uint32_t *choice; /* of a certificate */
    int64_t *pool_price[SOLVER_STAGES], *cap_price[SOLVER_STAGES];
};

/* A problem's beginning: title and counts, within limits and the document's size. */
bool take_beginning(struct decoding *decoding, struct wire_problem *out);
/* Lays the arrays for such counts out in zeroed memory of the arena, and has the problem point to
 * them. */
bool take_memory(struct decoding *decoding, struct wire_problem *problem, bool certificate,
                 struct lists *lists);
/* Bytes of arena that this takes, wherever it begins; never 0. */
size_t problem_memory(const struct wire_problem *problem, bool certificate);

#endif
