#include "common/stage/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif

/* The leak sanitizer reports in exit(). */
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
static const int NEEDS_EXIT = 1;
#else
static const int NEEDS_EXIT = 0;
#endif

void process_exit(int status)
{
    if (NEEDS_EXIT)
        exit(status);
    fflush(NULL);
    _exit(status);
}
