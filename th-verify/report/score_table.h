/* The scores of all clips, and their means. */
#ifndef TH_VERIFY_REPORT_SCORE_TABLE_H
#define TH_VERIFY_REPORT_SCORE_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/output/output_file.h"
#include "common/stage/console.h"

enum score_figure { L1, PSNR, SSIM, MS_SSIM, SCORES };

/* Of one figure, over the clips that have it. */
struct score_table_sums {
    double by_clip, by_frame; /* each clip's mean; the same times its frames */
    int64_t clips, frames;
};

struct score_table {
    struct output_file *file; /* of the table; NULL: there is none */
    FILE *table;
    int64_t clips, frames, unscored;
    struct score_table_sums means[SCORES];
};

/* Begins the table at path (NULL: none). 0, or -1 after a message. */
int score_table_open(struct score_table *scores, const char *path, struct console *console);

/* Takes the record of a clip, if it has scores. */
void score_table_add(struct score_table *scores, const json_t *record);

/* Ends the table with the means, and says them, and how many clips have no scores. `keep`: the table gets its name.
 * True when all is well. */
bool score_table_close(struct score_table *scores, bool keep, struct console *console);

#endif
