/* Strict number parsing: the whole text must be a number from min to max; otherwise false. */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal digits with an optional `-`. */
bool number_int(const char *text, int64_t min, int64_t max, int64_t *value);

/* A finite decimal number: digits with optional `-`, point and digits. No exponent, no hex, no "inf" or "nan". */
bool number_real(const char *text, double min, double max, double *value);

/* Bytes: digits with an optional K, M, G or T (powers of 1024). */
bool number_size(const char *text, int64_t min, int64_t max, int64_t *bytes);

#endif
