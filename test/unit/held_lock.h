/* A flock() that lets a test do what another process would do just before a lock is got. For test programs that
 * consist of one source file. */
#ifndef TEST_UNIT_HELD_LOCK_H
#define TEST_UNIT_HELD_LOCK_H

#include <stddef.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Called once, just before the next lock is got; NULL: nothing. */
static void (*before_lock)(void);

/* Replaces the C library's. */
int flock(int fd, int operation)
{
    void (*act)(void) = before_lock;

    before_lock = NULL;
    if (act)
        act();
    return (int)syscall(SYS_flock, fd, operation);
}

#endif
