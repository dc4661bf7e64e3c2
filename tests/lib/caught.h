/* caught.h - what is written to stderr meanwhile, such as the daemon's log. */
#ifndef PM_TEST_CAUGHT_H
#define PM_TEST_CAUGHT_H

/* From here on stderr is caught, the first 128 KiB of it. */
void caught_begin(void);
/* No more; what came, valid until it is caught again. */
const char *caught_end(void);

#endif
