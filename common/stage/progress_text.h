/* What a progress line says. Pure. */
#ifndef COMMON_STAGE_PROGRESS_TEXT_H
#define COMMON_STAGE_PROGRESS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* A stage's counts. Finished items = ok + failed + skipped. */
struct tally {
    int64_t total; /* 0 when unknown */
    int64_t ok, failed, skipped;
    int64_t cached;        /* of the ok ones: they were there already */
    int64_t may_be_mended; /* failed and skipped ones with retry */
    int64_t bad_lines;     /* input lines and list rows that could not be read */
};

struct progress_facts {
    const char *program, *unit; /* "th-crop", "clips" */
    const struct tally *tally;
    int64_t bytes;  /* received so far; 0: not shown */
    double speed;   /* bytes a second, now */
    double elapsed; /* seconds since the start */
    bool is_last;   /* the stage has ended: the line says how long it took */
};

/* One line, ASCII. The characters from red to before red_end are a number of failures, shown in red. */
struct progress_text {
    char line[200];
    int red, red_end;
};

/* The time left is what the items that were worked on (not skipped, not there already) took, for those to come. */
void progress_text_make(struct progress_text *text, const struct progress_facts *facts);

/* "1:02:03" or "2:03". */
void progress_text_clock(char *out, int size, double seconds);

#endif
