#include "common/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif

/* Whether memory_end_silently() was called; malloc() has no argument of its own. */
static bool is_silent;

void memory_end_silently(void)
{
    is_silent = true;
}

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(MEMORY_EXIT);
}

void memory_is_out(void)
{
    if (!is_silent) {
        say(program_invocation_short_name);
        say(": out of memory\n");
    }
    _exit(MEMORY_EXIT);
}

#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ && !__has_feature(address_sanitizer) &&              \
    !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)

/* The functions that are replaced: those of the C library, or of a library in LD_PRELOAD. */
static struct {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *memory, size_t size);
    void *(*memalign)(size_t alignment, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(void **memory, size_t alignment, size_t size);
} next;

/* Returns memory, of size bytes. */
static void *check(void *memory, size_t size)
{
    if (!memory && size)
        memory_is_out();
    return memory;
}

/* The first allocation is made by a library's constructor, before there are threads. */
static void find_next(void)
{
    next.malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    next.calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    next.realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    next.memalign = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "memalign");
    next.aligned_alloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "aligned_alloc");
    next.posix_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
}

void *malloc(size_t size)
{
    if (!next.posix_memalign)
        find_next();
    return check(next.malloc(size), size);
}

void *calloc(size_t count, size_t size)
{
    static bool is_finding;

    if (is_finding)
        return NULL; /* dlsym() before glibc 2.34 does without */
    if (!next.posix_memalign) {
        is_finding = true;
        find_next();
        is_finding = false;
    }
    return check(next.calloc(count, size), count ? size : 0);
}

void *realloc(void *memory, size_t size)
{
    if (!next.posix_memalign)
        find_next();
    return check(next.realloc(memory, size), size);
}

void *memalign(size_t alignment, size_t size)
{
    if (!next.posix_memalign)
        find_next();
    return check(next.memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (!next.posix_memalign)
        find_next();
    return check(next.aligned_alloc(alignment, size), size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    int status;

    if (!next.posix_memalign)
        find_next();
    status = next.posix_memalign(memory, alignment, size);
    if (status == ENOMEM)
        memory_is_out();
    return status;
}

#endif
