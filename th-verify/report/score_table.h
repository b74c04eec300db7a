/* The table of the scores of all clips, and their means. */
#ifndef TH_VERIFY_REPORT_SCORE_TABLE_H
#define TH_VERIFY_REPORT_SCORE_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/output/output_file.h"
#include "common/stage/console.h"

enum score_measure { L1, PSNR, SSIM, MS_SSIM, SCORES };

/* Sums of one measure, over the clips that have it. */
struct score_table_sums {
    double by_clip, by_frame; /* of the clips' means; of the same times the clips' frames */
    int64_t clips, frames;
};

struct score_table {
    struct output_file *file; /* NULL: no table is written */
    FILE *table;
    int64_t clips, frames, unscored;
    struct score_table_sums means[SCORES];
};

/* Opens the table at path (NULL: none). 0, or -1 after a message; score_table_close in both cases. */
int score_table_open(struct score_table *scores, const char *path, struct console *console);

/* Adds the scores of a record, if it has any. */
void score_table_add(struct score_table *scores, const json_t *record);

/* Writes the means, logs them and the number of clips without scores, and closes the table. The file is kept only with
 * `keep`. False when it cannot be written. */
bool score_table_close(struct score_table *scores, bool keep, struct console *console);

#endif
