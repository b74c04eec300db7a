#include "th-crop/plan/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAP_BLOCK_MAX = 1 << 17, /* bytes: larger ones are the system's as soon as they are free */
    CLOSE = 32 << 20          /* bytes: an allocation that failed was smaller, as a rule */
};

void memory_keep_small(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_BLOCK_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_BLOCK_MAX);
#endif
}

/* The most address space that the process has had, in bytes; 0 when that is not known. */
static int64_t peak(void)
{
    static const char name[] = "VmPeak:";
    FILE *status = fopen("/proc/self/status", "re");
    char line[128];
    long long kibibytes = 0;

    while (status && !kibibytes && fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0)
            kibibytes = strtoll(line + strlen(name), NULL, 10);
    if (status)
        fclose(status);
    return kibibytes * 1024;
}

void memory_explain(int64_t limit, struct error *error)
{
    char message[sizeof error->message];

    if (limit <= 0 || (error->word != ERROR_IO && error->word != ERROR_UNREADABLE) || peak() < limit - CLOSE)
        return;
    snprintf(message, sizeof message, "%s", error->message);
    error_set(error, ERROR_IO, "out of memory, of which a process may use %lld MiB: %s", (long long)(limit >> 20),
              message);
}
