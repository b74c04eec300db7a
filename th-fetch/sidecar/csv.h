/* Rows of a CSV file (RFC 4180) that is safe to open in a spreadsheet: each field in quotes, on one line, and none that
 * a spreadsheet takes for a formula. */
#ifndef TH_FETCH_SIDECAR_CSV_H
#define TH_FETCH_SIDECAR_CSV_H

#include <stddef.h>

/* The row of count fields (NULL: empty), with its newline, in new memory (free()). A field that begins (white space
 * aside) with one of = + - @ gets an apostrophe before it, and so does what follows a semicolon so, for in some
 * countries it begins a field. NULL when out of memory. */
char *csv_row(const char *const *fields, size_t count);

/* The first field of a row that csv_row has made, without what was added, in new memory (free()). NULL when the row is
 * of another form, or memory ran out. */
char *csv_first_field(const char *row);

#endif
