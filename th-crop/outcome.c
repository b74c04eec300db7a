#include "th-crop/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "th-crop/plan/clip_place.h"
#include "th-crop/plan/select.h"
#include "th-crop/record.h"

struct clip_origin outcome_origin(const struct plan_chunk *chunk, const char *source)
{
    bool is_ranged = source && chunk->range && !strcmp(source, chunk->source);

    return (struct clip_origin){.chunk = chunk->name,
                                .source = source,
                                .range = is_ranged ? chunk->range : NULL,
                                .lineage = plan_lineage(chunk)};
}

void outcome_emit(struct crop *crop, struct want *want, json_t *record, bool is_final)
{
    uint32_t copies = want_records(want);
    struct record_head head;
    struct error error;

    if (!copies && record && (record_read_head(record, &head, &error) || head.status != STATUS_OK))
        copies = 1;
    for (uint32_t i = 0; i < copies; i++)
        stage_emit(crop->stage, json_incref(record));
    json_decref(record);
    want_recorded(want, copies, is_final);
}

void outcome_not_ok(struct crop *crop, const struct plan_chunk *chunk, const char *source, struct want *want,
                    enum record_status status, const struct error *error)
{
    struct clip_origin origin = outcome_origin(chunk, source);

    outcome_emit(crop, want, clip_record_not_ok(&origin, &want->tube, status, error), true);
}

static bool is_forced(const struct crop *crop, const struct want *want)
{
    return crop->settings->common.force || want->is_forced;
}

/* Records a clip that is there and may stay. False when it is not, or must be made anew. */
static bool emit_cached(struct crop *crop, const struct plan_chunk *chunk, const char *source, struct want *want)
{
    struct clip_origin origin = outcome_origin(chunk, source);
    struct clip_facts facts = {.settings = &crop->settings->output,
                               .cached = true,
                               .sound = -1,
                               .frames = clip_frames(&crop->settings->output, &want->tube)};
    char *path = clip_path(crop->settings, chunk->name, &want->tube);
    bool is_there = path && !is_forced(crop, want) && clip_exists(crop->settings, path, &facts.bytes);

    facts.path = path;
    if (is_there)
        outcome_emit(crop, want, clip_record_ok(&origin, &want->tube, &facts), false);
    free(path);
    return is_there;
}

static void emit_clashes(struct crop *crop, const struct plan_chunk *chunk, struct want *want)
{
    struct clip_origin origin = outcome_origin(chunk, NULL);
    struct error error;

    error_set(&error, ERROR_BAD_TUBE,
              "another row names the same clip for pictures of %dx%d; the name of a clip does not tell them apart",
              want->tube.width, want->tube.height);
    for (; want->clashes; want->clashes--)
        stage_emit(crop->stage, clip_record_not_ok(&origin, &want->tube, STATUS_FAILED, &error));
}

void outcome_clashes(struct crop *crop, const struct plan_chunk *chunk)
{
    for (struct want *want = chunk->wants.first; want; want = want->next)
        emit_clashes(crop, chunk, want);
}

void outcome_leave_out(struct crop *crop, const struct plan_chunk *chunk)
{
    struct error error;
    struct tube cut;

    for (struct want *want = chunk->wants.first; want; want = want->next)
        if (want_is_pending(want) && select_frames(crop->settings, &want->tube, &cut, &error))
            outcome_not_ok(crop, chunk, chunk->source, want, STATUS_SKIPPED, &error);
}

void outcome_settle(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                    const struct refusal *refusal)
{
    for (struct want *want = chunk->wants.first; want; want = want->next)
        if (want_is_pending(want) && !emit_cached(crop, chunk, source, want))
            outcome_not_ok(crop, chunk, source, want, refusal->status, &refusal->error);
}

void outcome_settle_missing(struct crop *crop, const struct plan_chunk *chunk)
{
    struct refusal missing = {.status = STATUS_FAILED};

    error_set(&missing.error, ERROR_NO_SUCH_CHUNK, "the chunk %s is not there%s", chunk->name,
              crop->settings->chunks || chunk->source ? "" : ": no record says where it is, and no folder was given");
    for (struct want *want = chunk->wants.first; want; want = want->next) {
        const struct refusal *refusal = want->was_skipped && chunk->before ? chunk->before : &missing;

        if (want_is_pending(want) && !emit_cached(crop, chunk, NULL, want))
            outcome_not_ok(crop, chunk, NULL, want, refusal->status, &refusal->error);
    }
}
