/* Rows of a CSV file (RFC 4180) that is safe to open in a spreadsheet: each field is in quotes and on one line, and
 * none is one that a spreadsheet takes for a formula. */
#ifndef TH_FETCH_SIDECAR_CSV_H
#define TH_FETCH_SIDECAR_CSV_H

#include <stddef.h>

/* The row of count fields (NULL: empty), with its newline, in new memory (free()). A field that begins with = + - or @,
 * after any white space, gets an apostrophe before it. So does text after a semicolon, which separates fields in some
 * countries. NULL when out of memory. */
char *csv_row(const char *const *fields, size_t count);

/* The first field of a row that csv_row made, without added apostrophes, in new memory (free()). NULL when the row has
 * another form, or when out of memory. */
char *csv_first_field(const char *row);

#endif
