/* A library for LD_PRELOAD that fails one allocation: the FAIL_NTH-th (from 1) of the process that was started
 * (FAIL_IN=0), or of the FAIL_IN-th process that it forks. It says so on stderr, with FAIL_TRACE also the call stack.
 */
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES_MAX = 40 };

/* glibc's own functions. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static long nth;    /* 0: none fails */
static long place;  /* where it fails */
static long self;   /* 0: in the process that was started; n: in the n-th that it forked */
static long forked; /* by the process that was started */
static bool has_trace;
static atomic_long count;

static void count_fork(void)
{
    forked++;
}

static void begin_child(void)
{
    self = forked;
    count = 0;
}

static long get_number(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    void *frames[FRAMES_MAX];

    (void)backtrace(frames, FRAMES_MAX); /* loads a library, which allocates */
    pthread_atfork(count_fork, NULL, begin_child);
    place = get_number("FAIL_IN");
    has_trace = getenv("FAIL_TRACE");
    count = 0;
    nth = get_number("FAIL_NTH");
}

static bool fails(void)
{
    void *frames[FRAMES_MAX];

    if (!nth || self != place || ++count != nth)
        return false;
    if (has_trace)
        backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
    if (write(STDERR_FILENO, "allocation failed\n", 18) < 0)
        abort();
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
    return size && fails() ? NULL : __libc_realloc(memory, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = fails() ? NULL : __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}
