/* The end of a process. */
#ifndef COMMON_STAGE_PROCESS_H
#define COMMON_STAGE_PROCESS_H

/* As exit, but for the destructors of the libraries, of which FFmpeg's bring a hundred along: they give back memory
 * that the system takes anyway. What was printed is flushed; whether that succeeded is not told. */
void process_exit(int status) __attribute__((noreturn));

#endif
