/* The download of a format that comes in segments, by the default resolver. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "th-fetch/source/messages.h"
#include "th-fetch/source/resolver_internal.h"

/* yt-dlp's options for a download. A segment that is missing must not leave a gap. */
static const char *const download_words[] = {"--ignore-config",
                                             "--no-playlist",
                                             "--newline",
                                             "--progress",
                                             "--no-mtime",
                                             "--no-skip-unavailable-fragments",
                                             NULL};

bool resolver_can_download(const struct resolver *resolver)
{
    return !resolver->settings->resolver && !resolver->settings->no_segmented;
}

static int report_download(struct job *job, const struct command_output *output)
{
    char said[sizeof((struct resolver_outcome *)0)->said] = "";
    int status = output->status;

    messages_error(output->err, said, sizeof said);
    return job_report(job, json_pack("{s:i, s:i, s:s}", "exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1, "signal",
                                     WIFSIGNALED(status) ? WTERMSIG(status) : 0, "said", said));
}

int resolver_download(const struct resolver *resolver, const struct resolver_download *download, struct job *job)
{
    const struct fetch_settings *settings = resolver->settings;
    const char *words[WORDS_MAX + 2 * MORE_WORDS];
    size_t count = 0;
    char rate[24];
    struct command_output output;
    /* yt-dlp expands some characters of a path in --output, so it runs in the folder. */
    char *program = strchr(resolver->program, '/') ? realpath(resolver->program, NULL) : NULL;
    int result = -1;

    setrlimit(RLIMIT_FSIZE, &(struct rlimit){(rlim_t)settings->max_filesize, (rlim_t)settings->max_filesize});
    words[count++] = program ? program : resolver->program;
    for (const char *const *word = download_words; *word; word++)
        words[count++] = *word;
    snprintf(rate, sizeof rate, "%" PRId64, settings->limit_rate);
    if (settings->limit_rate > 0) {
        words[count++] = "--limit-rate";
        words[count++] = rate;
    }
    memcpy(words + count, resolver->words + resolver->shared, resolver->shared_count * sizeof *words);
    count += resolver->shared_count;
    words[count++] = "--format";
    words[count++] = download->format;
    words[count++] = "--output";
    words[count++] = download->file;
    if (resolver_command(resolver, words, count, download->page_url, download->folder, job, &output) == 0) {
        result = report_download(job, &output);
        command_output_clear(&output);
    }
    free(program);
    return result;
}
