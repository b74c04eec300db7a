/* What happens when there is no memory for JSON, out of which records are made: the process ends, for a record that is
 * dropped would be lost with exit status 0. */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

enum { MEMORY_EXIT = 75 /* a later run may succeed: EX_TEMPFAIL of sysexits.h */ };

/* Says so on stderr and ends the process at once with MEMORY_EXIT. */
void memory_is_out(void) __attribute__((noreturn));

/* From now on jansson calls memory_is_out when it gets no memory. */
void memory_guard_json(void);

/* The same in a child process, which only exits: its parent says why. */
void memory_guard_json_of_child(void);

#endif
