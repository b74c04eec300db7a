#include "common/memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void memory_is_out(void)
{
    dprintf(STDERR_FILENO, "%s: out of memory\n", program_invocation_short_name);
    _exit(MEMORY_EXIT);
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (!memory)
        memory_is_out();
    return memory;
}

static void *allocate_in_child(size_t size)
{
    void *memory = malloc(size);

    if (!memory)
        _exit(MEMORY_EXIT);
    return memory;
}

void memory_guard_json(void)
{
    json_set_alloc_funcs(allocate, free);
}

void memory_guard_json_of_child(void)
{
    json_set_alloc_funcs(allocate_in_child, free);
}
