/*
 * cli_parse.h - what people type, as values. Each returns false with a sentence in *error when the
 * text makes no sense; whether a value is allowed is the daemon's to say.
 */
#ifndef PM_CLI_PARSE_H
#define PM_CLI_PARSE_H

#include "placemat.h"

/* "mon", "mon,wed,fri", "mon-sun", "sat-mon", "daily", "weekdays", "weekends": bits, Monday the
 * lowest. */
bool cli_parse_days(struct pm_text text, uint8_t *out, struct pm_client_error *error);

/* "07:00" to "24:00", in minutes after midnight. */
bool cli_parse_clock(struct pm_text text, uint16_t *out, struct pm_client_error *error);

/* "30m", "1h", "1h30m", "90" (minutes): at most 1440. */
bool cli_parse_minutes(struct pm_text text, uint16_t *out, struct pm_client_error *error);

/* The same with a sign, "-30m" or "+30m": earlier or later. */
bool cli_parse_shift(struct pm_text text, int32_t *out, struct pm_client_error *error);

/* "mon-sun 07:00-10:00 30m", then in any order "x2" (carers) and "critical". */
bool cli_parse_visit(const char *text, struct pm_visit *out, struct pm_client_error *error);

/* "24.10", "£24.10", "24", "1,026.50": pence. */
bool cli_parse_pounds(struct pm_text text, int32_t *out, struct pm_client_error *error);

/* "24.10" (from 1970-01-01 on) or "2026-04-01=24.10". */
bool cli_parse_rate(const char *text, struct pm_rate *out, struct pm_client_error *error);

/* "2026-12-01": days since 1970-01-01. */
bool cli_parse_date(struct pm_text text, int32_t *out, struct pm_client_error *error);

/* "2026-12-01", "2026-12-01 15:04", "2026-12-01T15:04:05Z", in UTC, or a number of milliseconds:
 * milliseconds since 1970-01-01. */
bool cli_parse_time(struct pm_text text, int64_t *out, struct pm_client_error *error);

/* "10" (seconds), "0.5", "500ms", "10s", "2m", "1h": milliseconds, at most a day. */
bool cli_parse_duration(struct pm_text text, uint32_t *out, struct pm_client_error *error);

/* Digits alone, at most `max`. */
bool cli_parse_number(struct pm_text text, uint64_t max, uint64_t *out,
                      struct pm_client_error *error);

/* "broker" or "provider:Fernglow Homecare". The name points into the text; without one it stays. */
bool cli_parse_actor(const char *text, struct pm_actor *out, struct pm_client_error *error);

/* A postcode of any precision: see pm_postcode_parse(). */
bool cli_parse_postcode(struct pm_text text, uint64_t *out, struct pm_client_error *error);

/* "weekday morning=420": a name and what it has, the minutes also as "7h". The name points into the
 * text. */
struct cli_amount {
    struct pm_text name;
    int32_t amount;
};
bool cli_parse_amount(struct pm_text text, struct cli_amount *out, struct pm_client_error *error);

/*
 * Takes the next part of *text up to the separator, without blanks around it, and moves *text
 * behind it. False when nothing is left. An empty part is given as such.
 */
bool cli_next_part(struct pm_text *text, char separator, struct pm_text *part);

#endif
