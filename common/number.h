/* Numbers from text and to text. Parsing is strict: the whole text must be a number from min to max; otherwise false.
 */
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

enum { NUMBER_TEXT = 48 /* bytes of the longest text that follows, and its NUL */ };

/* Write to out, of NUMBER_TEXT bytes: "1,234,567"; and "870 bytes", "1.8 MB", "84.3 GB" (powers of 1000). */
void number_write_count(char *out, int64_t count);
void number_write_bytes(char *out, int64_t bytes);

#endif
