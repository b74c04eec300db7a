/* The memory of a working process. */
#ifndef TH_CROP_PLAN_MEMORY_H
#define TH_CROP_PLAN_MEMORY_H

#include <stdint.h>

#include "common/error.h"

/* Keeps the heap small that encoders come from and go to, one after the other: pictures are given back to the system,
 * and there is one heap for all threads, so that what one frees another can use. */
void memory_keep_small(void);

/* Libraries say of an allocation that failed whatever they like. When the process has come close to its limit (bytes
 * of address space, 0: none), error, if it is io or unreadable, becomes io and says so, with what it said before. */
void memory_explain(int64_t limit, struct error *error);

#endif
