/* What a page's licence allows. Pure functions. */
#ifndef TH_FETCH_SOURCE_LICENSE_H
#define TH_FETCH_SOURCE_LICENSE_H

#include <stdbool.h>

enum { LICENSE_VERSION_BYTES = 8 };

/* Whether text (NULL: the page says nothing) names a Creative Commons licence. */
bool license_is_cc(const char *text);

/* The version that text names ("3.0"), "" when it names none. */
void license_version(const char *text, char version[LICENSE_VERSION_BYTES]);

#endif
