/*
 * personal.c - see personal.h. A text is looked through once, from left to right; where a word
 * begins, a bounded number of words from there is held against each form, of which most words can
 * begin none.
 *
 * Words are of ASCII letters and digits. Whatever else stands beside them ends them, be it a letter
 * of another alphabet: a quotation mark from a word processor must not hide what it quotes.
 */
#include "personal.h"

#include <string.h>

/* What each byte is: a digit, a letter, or (0) neither. */
enum { D = 1, L = 2 };
/* clang-format off */
static const uint8_t sorts[UINT8_MAX + 1] = {
    ['0'] = D, D, D, D, D, D, D, D, D, D,
    ['A'] = L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    ['a'] = L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
};
/* clang-format on */

static unsigned sort_of(char c)
{
    return sorts[(unsigned char)c];
}

static bool is_digit(char c)
{
    return sort_of(c) == D;
}

static bool is_letter(char c)
{
    return sort_of(c) == L;
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* Is there a letter or digit at this place? */
static bool in_word(struct pm_text text, uint32_t at)
{
    return at < text.length && sort_of(text.bytes[at]) != 0;
}

struct word {
    uint32_t length, digits; /* bytes, and how many of them are digits */
};

/* The word that begins here; of length 0 when none does. */
static struct word word_at(struct pm_text text, uint32_t at)
{
    const char *from = text.bytes + at, *end = text.bytes + text.length, *next = from;
    uint32_t digits = 0;
    for (; next < end && sort_of(*next) != 0; next++)
        digits += sort_of(*next) & D;
    return (struct word){(uint32_t)(next - from), digits};
}

/* Its length if it is all digits, and no more than any number here has; else 0. */
static uint32_t number_length(struct word word)
{
    enum { LONGEST = 15 }; /* 0044 and a 0 too many */
    return word.digits == word.length && word.length <= LONGEST ? word.length : 0;
}

/* What may stand between groups of digits: ' ', '-', '(' or ')', and for the first two also what
 * word processors make of them; 0 is anything else. Its bytes in *size. */
static char joint(struct pm_text text, uint32_t at, uint32_t *size)
{
    static const struct {
        char bytes[4], as;
    } wide[] = {
        {"\xc2\xa0", ' '},     {"\xe2\x80\x87", ' '}, {"\xe2\x80\x89", ' '}, {"\xe2\x80\xaf", ' '},
        {"\xe2\x80\x90", '-'}, {"\xe2\x80\x91", '-'}, {"\xe2\x80\x92", '-'}, {"\xe2\x80\x93", '-'},
    };
    if (at >= text.length)
        return 0;
    char c = text.bytes[at];
    *size = 1;
    if (c == '-' || c == '(' || c == ')')
        return c;
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return ' ';
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        *size = (uint32_t)strlen(wide[i].bytes);
        if (text.length - at >= *size && memcmp(text.bytes + at, wide[i].bytes, *size) == 0)
            return wide[i].as;
    }
    return 0;
}

/* ---- NHS number ---- */

enum { NHS_DIGITS = 10 };

/* The last digit checks the others. No number begins with 00, but counters do. */
static bool nhs_digits_good(const char digit[NHS_DIGITS])
{
    unsigned sum = 0;
    for (unsigned i = 0; i < NHS_DIGITS; i++)
        sum += (unsigned)(digit[i] - '0') * (NHS_DIGITS - i);
    /* The check digit has weight 1 and makes the sum a multiple of 11. Where 10 would, there is no
     * such number, and no digit does it. */
    return sum % 11 == 0 && memcmp(digit, "00", 2) != 0;
}

/*
 * Ten digits in one word, or in groups that end where those of an NHS number do: 943 476 5919, and
 * 943 4765919 or 943476 5919. Two groups joined by a hyphen are how references are numbered.
 */
static bool is_nhs_number(struct pm_text text, uint32_t at, uint32_t length)
{
    char digit[NHS_DIGITS];
    uint32_t count = 0, groups = 0, size;
    bool hyphen = false;
    for (;;) {
        uint32_t sum = count + length;
        if (length == 0 || (sum != 3 && sum != 6 && sum != NHS_DIGITS))
            return false;
        memcpy(digit + count, text.bytes + at, length);
        count = sum;
        at += length;
        groups++;
        if (count == NHS_DIGITS)
            return !(groups == 2 && hyphen) && nhs_digits_good(digit);
        char between = joint(text, at, &size);
        if (between != ' ' && between != '-')
            return false;
        hyphen |= between == '-';
        at += size;
        length = number_length(word_at(text, at));
    }
}

/* ---- Telephone number ---- */

/* Digits after the 0 or +44; those of a number's last group at home at least, or times of day and
 * minutes (0700-1000 30) would be one; and what stands between groups at most, as in "+44 - (0)".
 */
enum { NATIONAL_MIN = 9, NATIONAL_MAX = 10, LAST_GROUP_MIN = 3, GAP_MAX = 4 };

/* Where the next group of digits begins; 0 when none does. */
static uint32_t next_group(struct pm_text text, uint32_t at)
{
    uint32_t size;
    for (unsigned gap = 0; gap < GAP_MAX && joint(text, at, &size) != 0; gap++)
        at += size;
    return at < text.length && is_digit(text.bytes[at]) ? at : 0;
}

/* Digits before the national number in a group that begins one from abroad, +44 or 0044; else 0. */
static uint32_t country_code(struct pm_text text, uint32_t at, uint32_t length)
{
    const char *group = text.bytes + at;
    if (length >= 2 && at > 0 && group[-1] == '+' && memcmp(group, "44", 2) == 0)
        return 2;
    return length >= 4 && memcmp(group, "0044", 4) == 0 ? 4 : 0;
}

/* A group that may begin a number at home: 0 and a digit that numbers go on with, which 0, 4 and 6
 * are not; longer than the day of a date; not a later part of a reference. */
static bool begins_at_home(struct pm_text text, uint32_t at, uint32_t length)
{
    const char *group = text.bytes + at;
    if (length < 3 || group[0] != '0' || memchr("1235789", group[1], 7) == NULL)
        return false;
    return at < 2 || group[-1] != '-' || !is_digit(group[-2]);
}

/* Adds up groups until there are as many digits as a number has. */
static bool is_telephone(struct pm_text text, uint32_t at, uint32_t length)
{
    uint32_t code = country_code(text, at, length);
    if (code == 0 && !begins_at_home(text, at, length))
        return false;
    uint32_t count = 0, skip = code;
    for (;;) {
        /* The 0 goes before the number at home, and often in brackets after +44. */
        bool zero = count == 0 && skip < length && text.bytes[at + skip] == '0';
        count += length - skip - (zero ? 1 : 0);
        if (count >= NATIONAL_MIN && count <= NATIONAL_MAX &&
            (code != 0 || length >= LAST_GROUP_MIN))
            return true;
        at = next_group(text, at + length);
        length = at == 0 || count > NATIONAL_MAX ? 0 : number_length(word_at(text, at));
        if (length == 0)
            return false;
        skip = 0;
    }
}

/* ---- Postcode ---- */

enum { INWARD = 3, OUTWARD_MIN = 2, OUTWARD_MAX = 4, POSTCODE_MAX = OUTWARD_MAX + INWARD };

/* "1st", "2nd", "3rd", "4th", as a word after a capital letter: "ward B1 2nd floor". */
static bool is_ordinal(const char outward[], const char inward[INWARD])
{
    static const char endings[][3] = {"th", "st", "nd", "rd"};
    unsigned digit = (unsigned)(inward[0] - '0');
    const char *ending = endings[digit <= 3 ? digit : 0];
    return outward[0] == upper(outward[0]) && memcmp(inward + 1, ending, 2) == 0;
}

/* Is it a unit, by its form, and by the letters that postcodes have? */
static bool is_unit(const char *code, uint32_t length)
{
    uint64_t number = pm_postcode_parse((struct pm_text){code, length});
    uint64_t sector = pm_postcode_sector(number);
    if (number == 0 || sector == 0 || sector == number)
        return false;
    if (is_digit(code[1]) && memchr("BEGLMNSW", upper(code[0]), 8) == NULL)
        return false; /* no other area has one letter */
    return memchr("CIKMOV", upper(code[length - 2]), 6) == NULL &&
           memchr("CIKMOV", upper(code[length - 1]), 6) == NULL;
}

/* Is the place joined to a word by a hyphen or underscore, on the side of `step`? */
static bool is_tied(struct pm_text text, uint32_t at, uint32_t step)
{
    return at < text.length && (text.bytes[at] == '-' || text.bytes[at] == '_') &&
           in_word(text, at + step);
}

/* In one word, which must not be a part of a longer one such as 2026-AB12XY. */
static bool is_postcode_word(struct pm_text text, uint32_t at, uint32_t length)
{
    return !(at > 0 && is_tied(text, at - 1, UINT32_MAX)) && !is_tied(text, at + length, 1) &&
           is_unit(text.bytes + at, length);
}

/* In two words, with spaces between. */
static bool is_postcode_pair(struct pm_text text, uint32_t at, uint32_t length)
{
    char code[POSTCODE_MAX];
    uint32_t size, inward = at + length;
    while (joint(text, inward, &size) == ' ')
        inward += size;
    if (inward == at + length || word_at(text, inward).length != INWARD)
        return false;
    memcpy(code, text.bytes + at, length);
    memcpy(code + length, text.bytes + inward, INWARD);
    return is_unit(code, length + INWARD) && !is_ordinal(code, code + length);
}

static bool is_postcode(struct pm_text text, uint32_t at, uint32_t length)
{
    if (length >= OUTWARD_MIN && length <= OUTWARD_MAX)
        return is_postcode_pair(text, at, length);
    return length > OUTWARD_MAX && length <= POSTCODE_MAX && is_postcode_word(text, at, length);
}

/* ---- E-mail address ---- */

/* Also of letters beside ASCII's. */
static bool in_domain(struct pm_text text, uint32_t at)
{
    return in_word(text, at) || (at < text.length && (unsigned char)text.bytes[at] >= 0x80);
}

static bool letter_at(struct pm_text text, uint32_t at)
{
    return at < text.length && is_letter(text.bytes[at]);
}

/* At an @: something before it, and after it a domain with a name of letters behind a dot. */
static bool is_email(struct pm_text text, uint32_t at)
{
    uint32_t end = at + 1;
    if (at == 0 || (!in_word(text, at - 1) && memchr("._%+-'", text.bytes[at - 1], 6) == NULL) ||
        !in_domain(text, end))
        return false;
    while (in_domain(text, end) ||
           (end < text.length && (text.bytes[end] == '.' || text.bytes[end] == '-'))) {
        if (text.bytes[end] == '.' && letter_at(text, end + 1) && letter_at(text, end + 2))
            return true;
        end++;
    }
    return false;
}

/* ---- The whole ---- */

/* Each form begins with a word that has a digit in it. */
static enum personal find_in_word(struct pm_text text, uint32_t at, struct word word)
{
    if (word.digits == 0)
        return PERSONAL_NONE;
    if (is_letter(text.bytes[at]))
        return is_postcode(text, at, word.length) ? PERSONAL_POSTCODE : PERSONAL_NONE;
    uint32_t length = number_length(word);
    if (is_nhs_number(text, at, length))
        return PERSONAL_NHS_NUMBER;
    return is_telephone(text, at, length) ? PERSONAL_TELEPHONE : PERSONAL_NONE;
}

enum personal personal_find(struct pm_text text)
{
    enum personal found = PERSONAL_NONE;
    for (uint32_t at = 0; at < text.length && found == PERSONAL_NONE;) {
        struct word word = word_at(text, at);
        if (word.length > 0)
            found = find_in_word(text, at, word);
        else if (text.bytes[at] == '@' && is_email(text, at))
            found = PERSONAL_EMAIL;
        at += word.length > 0 ? word.length : 1;
    }
    return found;
}

const char *personal_name(enum personal sort)
{
    static const char *const names[PERSONAL_SORTS] = {
        [PERSONAL_NONE] = "nothing personal",    [PERSONAL_NHS_NUMBER] = "an NHS number",
        [PERSONAL_EMAIL] = "an e-mail address",  [PERSONAL_TELEPHONE] = "a telephone number",
        [PERSONAL_POSTCODE] = "a full postcode",
    };
    return names[sort];
}
