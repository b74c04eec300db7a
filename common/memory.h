/* What happens when there is no memory: the process ends. Libraries ignore some failed allocations, so a child would
 * make altered clips and call good videos unreadable, and a parent would lose records, with exit status 0.
 *
 * memory.c replaces malloc() and its like for all libraries of a program that links it. Builds with sanitizers, which
 * replace them too, go without. */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

enum { MEMORY_EXIT = 75 /* a later run may succeed: EX_TEMPFAIL of sysexits.h */ };

/* Ends the process with MEMORY_EXIT, after a message on stderr. */
void memory_is_out(void) __attribute__((noreturn));

/* From now on the process ends without a message, for its parent says why. For child processes. */
void memory_end_silently(void);

#endif
