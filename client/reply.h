/*
 * reply.h - inside libplacemat: a daemon's reply, taken apart once and kept with its bytes.
 */
#ifndef PM_REPLY_H
#define PM_REPLY_H

#include "placemat.h"

#include <jansson.h>

/*
 * Reads the reply to a request of `count` commands, which *out then has a copy of, to be freed with
 * pm_reply_free(). PM_CALL_INVALID when it is no such reply, with the reason in *error, or
 * PM_CALL_NO_MEMORY.
 */
enum pm_client_outcome reply_read(const uint8_t *bytes, size_t size, size_t count,
                                  struct pm_reply **out, struct pm_client_error *error);

/* How long it says to wait before the request is sent again, milliseconds; 0: it does not. */
uint32_t reply_after(const struct pm_reply *reply);

/*
 * A result as a JSON value: a query's body with its keys by name, or a command's
 * {"status":…,"id":…}, with "sentence" when it was refused. Bytes become hexadecimal text; a number
 * beyond a signed 64-bit one becomes its digits as text. A new reference; NULL when out of memory
 * or `at` is beyond the results.
 */
json_t *reply_value(const struct pm_reply *reply, size_t at);

/* One CBOR item as a JSON value, as above; also NULL when it is malformed. */
json_t *json_of_cbor(const uint8_t *cbor, size_t size);

/* The id under which a client's commands are numbered. */
uint64_t client_id(const struct pm_client *client);

#endif
