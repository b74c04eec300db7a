/* The command line of th-fetch. */
#ifndef TH_FETCH_OPTIONS_H
#define TH_FETCH_OPTIONS_H

#include "common/error.h"
#include "th-fetch/settings.h"

extern const struct program fetch_program_options;
extern const struct fetch_settings fetch_defaults;

/* Whether a page has to give a free licence. */
bool fetch_wants_cc(const struct fetch_settings *settings);

/* 0, or -1 and error (bad_id) when options contradict each other, or the URL template is none. */
int fetch_options_check(const struct fetch_settings *settings, struct error *error);

#endif
