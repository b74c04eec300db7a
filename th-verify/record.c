#include "th-verify/record.h"

#include <string.h>

/* The members that are copied from the record of a clip to its verdict. */
static const char *const lineage_members[] = {"video", "chunk",  "source",  "range", "tube",  "box",    "scale",
                                              "fps",   "frames", "encoder", "trim",  "sound", "images", NULL};

json_t *verify_record_not_ok(const char *key, const char *path, const json_t *lineage, enum record_status status,
                             const struct error *error)
{
    json_t *record = record_not_ok(STAGE_VERIFY, KIND_CLIP, key, status, error);

    if (path)
        record_add(&record, json_pack("{s:s}", "path", path));
    record_copy(&record, lineage, lineage_members);
    return record;
}

json_t *verify_record_not_cropped(const json_t *record, const struct record_head *head)
{
    static const char *const members[] = {"error", "retry", NULL};
    static const char prefix[] = "not cropped: ";
    const char *message = record_text(record, "message");
    struct error error;
    json_t *skipped;

    if (!message)
        message = "the record does not say why";
    /* A record that has been through th-verify and th-crop before has the prefix already. */
    error_set(&error, head->error == ERROR_NONE ? ERROR_IO : head->error, "%s%s",
              strncmp(message, prefix, sizeof prefix - 1) ? prefix : "", message);
    skipped = verify_record_not_ok(head->key, NULL, record, STATUS_SKIPPED, &error);
    record_copy(&skipped, record, members);
    return skipped;
}

/* Adds what was measured; checks is stolen. */
static void add_measures(json_t **record, const struct evidence *evidence, json_t *checks)
{
    const struct container *container = &evidence->container;
    int64_t frames = evidence->is_decoded ? evidence->decoded.frames : container->frames;

    if (evidence->fault.word == ERROR_NONE && container->video >= 0)
        record_add(record,
                   json_pack("{s:I, s:I}", "frames", (json_int_t)frames, "bytes", (json_int_t)container->bytes));
    /* Also of a folder of images of which only some can be decoded. */
    if (container->width > 0)
        record_add(record, json_pack("{s:i, s:i}", "width", container->width, "height", container->height));
    record_add(record, json_pack("{s:o}", "checks", checks));
}

json_t *verify_record_verdict(const struct clip *clip, const struct evidence *evidence, struct score *score)
{
    json_t *record, *checks;
    struct error error;

    if (check_all(evidence, &checks, &error))
        return NULL;
    if (error.word == ERROR_NONE) {
        record = record_ok(STAGE_VERIFY, KIND_CLIP, clip->key, clip->path, false);
        record_copy(&record, clip->lineage, lineage_members);
    } else {
        record = verify_record_not_ok(clip->key, clip->path, clip->lineage, STATUS_FAILED, &error);
    }
    add_measures(&record, evidence, checks);
    /* The scores of a clip that failed would mean nothing. */
    if (score && error.word == ERROR_NONE)
        record_add(&record, json_pack("{s:o}", "scores", score_result(score)));
    return record;
}
