/*
 * wire_problem.h - a round's problem, and the certificate of what was made of it, in bytes:
 * placemat.cddl's problem and certificate, to and from the structures of solver.h. One way of
 * writing each: what is read is in just the bytes that writing it again would give. Pure; nothing
 * is allocated.
 */
#ifndef PM_WIRE_PROBLEM_H
#define PM_WIRE_PROBLEM_H

#include "core/solver.h"
#include "core/wire.h"

enum { WIRE_LABEL_MAX = 63 }; /* bytes of a text in these documents */

/* A kind's unit and its bands: pools' amounts are in these. */
struct wire_kind {
    struct pm_text name;
    uint8_t unit;   /* enum pm_unit; 0: not known */
    uint32_t bands; /* at most the problem's */
    struct pm_text band[SOLVER_BANDS];
};

/*
 * The problem and, of each of its records, the words for people. Words may be empty, except that
 * an array must be there where the problem has such records. Everything belongs to the caller, and
 * is only read; decoded, it is in the arena, and texts point into the bytes.
 */
struct wire_problem {
    struct solver_problem problem;
    struct pm_text title; /* "thurrock, round 3" */
    uint32_t kinds;       /* at most PM_KINDS_MAX */
    const struct wire_kind *kind;
    const struct pm_text *item; /* a group's name; empty: that of its part says it */
    const struct pm_text *part; /* packages' references */
    const struct pm_text *service;
    const struct pm_text *pool;
    const struct pm_text *locality; /* of each pool's first service */
    const uint8_t *pool_kind;       /* of each pool, its position among kinds, if there are any */
    const struct pm_text *cap;      /* "beryl homecare": the provider and kind that it is of */
};

struct wire_certificate {
    struct wire_problem problem;
    struct solver_result result; /* choices, and values, bounds and prices of each stage */
};

/* What a document is, by its first bytes. */
enum wire_document { WIRE_NO_DOCUMENT, WIRE_PROBLEM, WIRE_CERTIFICATE };
enum wire_document wire_document(const uint8_t *bytes, size_t size);

/* Bytes of arena that the document at `bytes` needs, at least 1, once its counts have been found
 * within solver.h's limits and the document's size; 0 when it is refused, with a sentence. */
size_t wire_problem_memory(const uint8_t *bytes, size_t size, struct wire_error *error);
size_t wire_certificate_memory(const uint8_t *bytes, size_t size, struct wire_error *error);

/*
 * Reads a whole document. False, with a sentence, when it is not of the form, solver_flaw() finds
 * fault with it, or the arena is too small. A certificate read is a claim: values, bounds and
 * choices are within their ranges, and whether they are true is still to be checked.
 */
bool wire_problem_decode(const uint8_t *bytes, size_t size, struct wire_arena *arena,
                         struct wire_problem *out, struct wire_error *error);
bool wire_certificate_decode(const uint8_t *bytes, size_t size, struct wire_arena *arena,
                             struct wire_certificate *out, struct wire_error *error);

/* Bytes that suffice for the document. */
size_t wire_problem_bound(const struct wire_problem *problem);
size_t wire_certificate_bound(const struct wire_problem *problem);

/* Writes it. The problem is without flaw; a certificate's choices are pairs of their parts. */
void wire_problem_encode(struct wire_writer *writer, const struct wire_problem *problem);
void wire_certificate_encode(struct wire_writer *writer,
                             const struct wire_certificate *certificate);

/* Keys of the two documents' maps, in the order in which they come. */
/* clang-format off */
#define WIRE_PROBLEM_KEYS(X)                                                                        \
    X(0, FORMAT, "format") X(1, VERSION, "version") X(2, TITLE, "title") X(3, SIZES, "sizes")       \
    X(4, KINDS, "kinds") X(5, ITEM_NAMES, "item_names") X(6, ITEMS, "items")                        \
    X(7, PART_NAMES, "part_names") X(8, PARTS, "parts") X(9, PAIRS, "pairs")                        \
    X(10, SERVICE_NAMES, "service_names") X(11, SERVICES, "services") X(12, DEMANDS, "demands")     \
    X(13, POOL_NAMES, "pool_names") X(14, LOCALITIES, "localities") X(15, POOL_KINDS, "pool_kinds") \
    X(16, POOLS, "pools") X(17, CAP_NAMES, "cap_names") X(18, CAPS, "caps")
#define WIRE_CERTIFICATE_KEYS(X)                                                                    \
    X(0, FORMAT, "format") X(1, VERSION, "version") X(2, PROBLEM, "problem")                        \
    X(3, CHOICES, "choices") X(4, STAGES, "stages")
/* clang-format on */
enum wire_problem_key {
#define WIRE_PROBLEM_KEY_ENUM(number, constant, name) PROBLEM_##constant = number,
    WIRE_PROBLEM_KEYS(WIRE_PROBLEM_KEY_ENUM)
#undef WIRE_PROBLEM_KEY_ENUM
        PROBLEM_KEYS
};
enum wire_certificate_key {
#define WIRE_CERTIFICATE_KEY_ENUM(number, constant, name) CERTIFICATE_##constant = number,
    WIRE_CERTIFICATE_KEYS(WIRE_CERTIFICATE_KEY_ENUM)
#undef WIRE_CERTIFICATE_KEY_ENUM
        CERTIFICATE_KEYS
};
#define WIRE_PROBLEM_FORMAT "placemat problem"
#define WIRE_CERTIFICATE_FORMAT "placemat certificate"
enum { WIRE_DOCUMENT_VERSION = 2, WIRE_PROBLEM_SIZES = 9 };

#endif
