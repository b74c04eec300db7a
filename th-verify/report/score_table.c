#include "th-verify/report/score_table.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "common/stage/record.h"

static const char *const names[SCORES] = {"l1", "psnr", "ssim", "ms_ssim"};
static const char *const titles[SCORES] = {"L1", "PSNR", "SSIM", "MS-SSIM"};

int score_table_open(struct score_table *scores, const char *path, struct console *console)
{
    struct error error = {0};
    int copy = -1;

    *scores = (struct score_table){0};
    if (!path)
        return 0;
    if (!output_file_open(&scores->file, path, &error)) {
        copy = dup(output_file_fd(scores->file));
        if (copy >= 0)
            scores->table = fdopen(copy, "w");
        if (!scores->table)
            error_set_errno(&error, errno, "cannot write %s", path);
    }
    if (error.word == ERROR_NONE && fputs("clip\tframes\tl1\tpsnr\tssim\tms_ssim\terror\n", scores->table) >= 0)
        return 0;
    console_say(console, CONSOLE_ERROR, "%s", error.word ? error.message : "the table of the scores cannot be written");
    if (copy >= 0 && !scores->table)
        close(copy);
    return -1;
}

/* Writes a row; columns of NAN are empty. */
static void write_row(const struct score_table *scores, const char *name, int64_t frames, const double *values,
                      const char *error)
{
    if (!scores->table)
        return;
    fprintf(scores->table, "%s\t%" PRId64, name, frames); /* score_table_close checks for errors */
    for (int i = 0; i < SCORES; i++)
        if (isnan(values[i]))
            fputc('\t', scores->table);
        else
            fprintf(scores->table, "\t%.6f", values[i]);
    fprintf(scores->table, "\t%s\n", error);
}

static void add_value(struct score_table_sums *sums, double value, int64_t frames)
{
    sums->by_clip += value;
    sums->by_frame += value * (double)frames;
    sums->clips++;
    sums->frames += frames;
}

void score_table_add(struct score_table *scores, const json_t *record)
{
    const json_t *member = json_object_get(record, "scores");
    int64_t frames = json_integer_value(json_object_get(member, "frames"));
    const char *error = record_text(member, "error"), *key = record_text(record, "key");
    double values[SCORES];

    if (!json_is_object(member) || !key)
        return;
    for (int i = 0; i < SCORES; i++) {
        const json_t *value = json_object_get(member, names[i]);

        values[i] = json_is_number(value) ? json_number_value(value) : NAN;
        if (!error && !isnan(values[i]))
            add_value(&scores->means[i], values[i], frames);
    }
    scores->clips += !error;
    scores->frames += error ? 0 : frames;
    scores->unscored += error != NULL;
    write_row(scores, key, frames, values, error ? error : "");
}

/* Each mean is over the clips that have the measure: small clips have no MS-SSIM. */
static void write_means(struct score_table *scores, struct console *console)
{
    double clips[SCORES], frames[SCORES];
    char said[SCORES][40];

    for (int i = 0; i < SCORES; i++) {
        const struct score_table_sums *sums = &scores->means[i];

        clips[i] = sums->clips ? sums->by_clip / (double)sums->clips : NAN;
        frames[i] = sums->frames ? sums->by_frame / (double)sums->frames : NAN;
        if (isnan(clips[i]))
            snprintf(said[i], sizeof said[i], "no %s", titles[i]);
        else
            snprintf(said[i], sizeof said[i], "%s %.4f%s", titles[i], clips[i], i == PSNR ? " dB" : "");
    }
    write_row(scores, "mean of clips", scores->frames, clips, "");
    write_row(scores, "mean of frames", scores->frames, frames, "");
    console_say(console, CONSOLE_WARNING, "scores of %" PRId64 " clips: %s, %s, %s, %s (means of clips)", scores->clips,
                said[0], said[1], said[2], said[3]);
}

bool score_table_close(struct score_table *scores, bool keep, struct console *console)
{
    struct error error = {0};
    bool is_written = true;

    if (scores->clips && keep)
        write_means(scores, console);
    if (scores->unscored)
        console_say(console, CONSOLE_WARNING, "%" PRId64 " clips have no scores; their records say why",
                    scores->unscored);
    if (scores->table) {
        is_written = !ferror(scores->table);
        is_written = !fclose(scores->table) && is_written;
    }
    if (!is_written)
        console_say(console, CONSOLE_ERROR, "the table of the scores cannot be written");
    if (scores->file && keep && is_written && output_file_commit(&scores->file, NULL, &error)) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        is_written = false;
    }
    output_file_abort(&scores->file);
    return is_written;
}
