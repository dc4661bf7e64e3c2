/*
 * personal.h - whether a text holds what identifies a person or leads to their door: an NHS number,
 * an e-mail address, a telephone number of the United Kingdom, or a full postcode. Matching needs
 * none of them, so a request with one is refused before anything is kept of it.
 *
 * This finds what has a form. Names and dates of birth have none that could be told from other
 * words and dates, and pass: that nobody writes them is for training and for those who read the
 * journal, not for this. Nor is it a defence against somebody who wants to get one through.
 *
 * What passes on purpose, so that ordinary references do: ten digits inside a longer word
 * (X1234567890), digits in other groups than an NHS number's (2026-000123), numbers padded with
 * zeroes (0000012345), and any UUID.
 */
#ifndef PM_PERSONAL_H
#define PM_PERSONAL_H

#include "placemat.h"

enum personal {
    PERSONAL_NONE = 0,
    PERSONAL_NHS_NUMBER,
    PERSONAL_EMAIL,
    PERSONAL_TELEPHONE,
    PERSONAL_POSTCODE,
    PERSONAL_SORTS
};

/* The first such thing in a text: any bytes, in time that grows with their number. Any thread. */
enum personal personal_find(struct pm_text text);

/* What it looks like, for a sentence: "an NHS number". Of one of the sorts. */
const char *personal_name(enum personal sort);

#endif
