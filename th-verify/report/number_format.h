/* Numbers as people read them. Pure. */
#ifndef TH_VERIFY_REPORT_NUMBER_FORMAT_H
#define TH_VERIFY_REPORT_NUMBER_FORMAT_H

#include <stdint.h>

/* Holds each of these texts with its NUL. */
enum { NUMBER_FORMAT_SIZE = 48 };

/* "1,234,567" */
const char *number_format_count(char *out, int64_t count);

/* "812", "1.2k", "146k", "3.4M" */
const char *number_format_short(char *out, int64_t count);

/* "870 bytes", "1.8 MB", "84.3 GB" (powers of 1000) */
const char *number_format_bytes(char *out, int64_t bytes);

/* "4.2 s", "3 min 59 s", "520.9 h" */
const char *number_format_duration(char *out, double seconds);

/* "0.3%", "57%", "100%"; never "0%" for some nor "100%" for not all. */
const char *number_format_share(char *out, int64_t part, int64_t whole);

#endif
