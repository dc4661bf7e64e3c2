/*
 * gate.h: who may come in. Finds who acts in a request, by its session or because its peer is
 * trusted to state it; and answers `hello`, by which a token becomes a session, and what operators
 * do about tokens.
 *
 * A peer is trusted when it is a process of the daemon's own user, over ipc: it could read the data
 * directory as well. With `insecure` everybody is.
 */
#ifndef PM_DAEMON_GATE_H
#define PM_DAEMON_GATE_H

#include "core/wire.h"
#include "daemon/peer.h"
#include "daemon/sessions.h"

#include <stdbool.h>

struct gate;

struct gate_options {
    const char *directory; /* of the tokens; NULL: in memory alone */
    bool insecure;
    uint64_t message_max; /* bytes, told to who logs in */
};

/* NULL, with a sentence, when the tokens cannot be read. Close with gate_close(). NULL is allowed
 * there. */
struct gate *gate_open(const struct gate_options *options, char error[256]);
void gate_close(struct gate *gate);

/* Is what this peer states of itself believed? For when its connection comes. */
bool gate_trusts(const struct gate *gate, const struct peer *peer);

/* Puts who acts into the request: PM_OK, also when that is nobody, PM_UNAUTHENTICATED or
 * PM_NOT_ALLOWED. The actor's name points into *kept. Any thread; takes no lock. */
uint16_t gate_identify(struct gate *gate, bool trusted, struct wire_request *request,
                       struct principal *kept, struct wire_error *error);

/* Is there a session of that key, still? Any thread; takes no lock. */
bool gate_is_open(struct gate *gate, struct pm_text session);

/* Is that verb answered here, in a request of its own? */
bool gate_answers(unsigned verb);

/* Answers the one command of such a request, that intake has let through: writes its result. PM_OK,
 * or why the request is refused. Any thread; may wait for the disk. */
struct gate_peer {
    uint32_t connection;
    bool trusted;
    const struct peer *peer;
};
uint16_t gate_answer(struct gate *gate, const struct gate_peer *peer,
                     const struct wire_request *request, struct wire_writer *out,
                     struct wire_error *error);
/* Bytes that its answers need at most. */
size_t gate_answer_size(void);

#endif
