/* A flock() that lets a test do what another process would do just before a lock is got, or act as a file system
 * without locks. For test programs that consist of one source file. */
#ifndef TEST_UNIT_HELD_LOCK_H
#define TEST_UNIT_HELD_LOCK_H

#include <errno.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Called once, just before the next lock is got; NULL: nothing. */
static void (*before_lock)(void);

/* What flock() fails with; 0: it works. */
static int lock_fault;

/* Replaces the C library's. */
int flock(int fd, int operation)
{
    void (*act)(void) = before_lock;

    before_lock = NULL;
    if (act)
        act();
    if (lock_fault) {
        errno = lock_fault;
        return -1;
    }
    return (int)syscall(SYS_flock, fd, operation);
}

#endif
