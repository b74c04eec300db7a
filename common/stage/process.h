/* Ends a process quickly. */
#ifndef COMMON_STAGE_PROCESS_H
#define COMMON_STAGE_PROCESS_H

/* Like exit(), without the destructors of the hundred libraries that FFmpeg links: they only free memory. Flushes stdio
 * streams; errors of that are ignored. */
void process_exit(int status) __attribute__((noreturn));

#endif
