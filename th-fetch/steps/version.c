/* The question for the version of the default resolver: once per run, before the first page. */
#include "th-fetch/policy/version.h"

#include <time.h>

#include "th-fetch/steps/step.h"

static const char update[] = "sh common/install-yt-dlp.sh --update";

static int ask(struct job *job, void *context)
{
    const struct steps *steps = context;

    return resolver_ask_version(steps->resolver, job);
}

static int keep(void *owner, void *context, json_t *record)
{
    struct steps *steps = context;

    (void)owner;
    json_decref(steps->version.report);
    steps->version.report = json_incref(record);
    return 0;
}

static void tell(struct steps *steps, const char *version)
{
    int days = version_age(version, time(NULL));

    console_say(steps->console, CONSOLE_INFO, "the resolver is %s, version '%s'", resolver_program(steps->resolver),
                version);
    if (days > VERSION_DAYS_MAX)
        console_say(steps->console, CONSOLE_WARNING,
                    "yt-dlp %s is %d days old; YouTube refuses old ones: \"%s\" installs the newest", version, days,
                    update);
}

static void ended(void *owner, void *context, const struct error *fault)
{
    struct steps *steps = context;
    struct error error;
    const char *version;

    (void)owner;
    steps->version.state = VERSION_KNOWN;
    if (resolver_read_version(steps->resolver, steps->version.report, fault, &version, &error) == 0) {
        tell(steps, version);
        return;
    }
    console_say(steps->console, CONSOLE_ERROR, "%s; \"%s\" installs one that does", error.message, update);
    stage_stop(steps->stage, EXIT_CANNOT);
}

void step_version_init(struct steps *steps)
{
    steps->version.state = resolver_has_version(steps->resolver) ? VERSION_UNKNOWN : VERSION_KNOWN;
    steps->version.job = (struct job_task){.work = ask,
                                           .runs_command = true,
                                           .report = keep,
                                           .ended = ended,
                                           .stall_timeout = steps->settings->resolver_timeout};
}

enum step_start step_version_ask(struct steps *steps, struct error *error)
{
    if (steps->version.state == VERSION_KNOWN)
        return STEP_STARTED;
    if (steps->version.state == VERSION_UNKNOWN) {
        if (jobs_start(stage_jobs(steps->stage), &steps->version.job, steps, error) < 0)
            return STEP_FAILED;
        steps->version.state = VERSION_ASKED;
    }
    return STEP_WAITS;
}
