#include "th-fetch/source/resolver_internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/output/write_all.h"
#include "common/text.h"
#include "th-fetch/source/answer.h"
#include "th-fetch/source/environment.h"
#include "th-fetch/source/format.h"
#include "th-fetch/source/json_text.h"
#include "th-fetch/source/messages.h"

/* yt-dlp's options: one video, as JSON, without the user's own configuration. */
static const char *const default_words[] = {"--ignore-config", "--dump-single-json", "--no-playlist", "--no-progress",
                                            NULL};

static void add_word(struct resolver *resolver, const char *word)
{
    resolver->words[resolver->count++] = word;
}

/* Adds the words of text, which are kept in memory. */
static int add_words(struct resolver *resolver, const char *text, struct error *error)
{
    if (words_split(&resolver->user, text, error) < 0)
        return -1;
    if (resolver->user.count > WORDS_MAX)
        return error_set(error, ERROR_RESOLVER, "the resolver's command has more than %d words", WORDS_MAX);
    for (size_t i = 0; i < resolver->user.count; i++)
        add_word(resolver, resolver->user.list[i]);
    return 0;
}

/* The user's own command. */
static int use_command(struct resolver *resolver, const char *command, struct error *error)
{
    resolver->is_command = true;
    if (add_words(resolver, command, error) < 0)
        return -1;
    return resolver->count > 0 ? 0 : error_set(error, ERROR_RESOLVER, "the resolver's command is empty");
}

/* The yt-dlp that common/install-yt-dlp.sh has installed for this user, or else the one in PATH, in new memory. NULL
 * when out of memory. */
static char *find_default_program(void)
{
    const char *place = getenv("TH_YT_DLP_HOME"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int length;

    if (place && *place)
        length = asprintf(&path, "%s/current/bin/yt-dlp", place);
    else if (data && *data == '/')
        length = asprintf(&path, "%s/talkinghead-tools/yt-dlp/current/bin/yt-dlp", data);
    else
        length = asprintf(&path, "%s/.local/share/talkinghead-tools/yt-dlp/current/bin/yt-dlp", home ? home : "");
    if (length < 0)
        return NULL;
    if (command_exists(path))
        return path;
    free(path);
    return strdup("yt-dlp");
}

static int use_default(struct resolver *resolver, const struct fetch_settings *settings, struct error *error)
{
    resolver->program = find_default_program();
    resolver->format = settings->format ? strdup(settings->format) : format_choose(settings, 0);
    if (!resolver->program || !resolver->format)
        return error_set(error, ERROR_IO, "out of memory");
    add_word(resolver, resolver->program);
    for (const char *const *word = default_words; *word; word++)
        add_word(resolver, *word);
    resolver->shared = resolver->count;
    if (settings->resolver_args && add_words(resolver, settings->resolver_args, error) < 0)
        return -1;
    if (settings->proxy) {
        add_word(resolver, "--proxy");
        add_word(resolver, settings->proxy);
    }
    if (settings->ipv4 || settings->ipv6)
        add_word(resolver, settings->ipv4 ? "--force-ipv4" : "--force-ipv6");
    if (settings->source_address) {
        add_word(resolver, "--source-address");
        add_word(resolver, settings->source_address);
    }
    resolver->shared_count = resolver->count - resolver->shared;
    add_word(resolver, "--format");
    add_word(resolver, resolver->format);
    resolver->cookies = settings->cookies;
    return 0;
}

int resolver_alloc(struct resolver **out, const struct fetch_settings *settings, struct error *error)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    int result;

    if (resolver)
        resolver->settings = settings;
    if (!resolver)
        result = error_set(error, ERROR_IO, "out of memory");
    else if (settings->resolver)
        result = use_command(resolver, settings->resolver, error);
    else
        result = use_default(resolver, settings, error);
    if (result < 0)
        resolver_free(&resolver);
    *out = resolver;
    return result;
}

void resolver_free(struct resolver **resolver)
{
    if (!*resolver)
        return;
    words_clear(&(*resolver)->user);
    free((*resolver)->program);
    free((*resolver)->format);
    free(*resolver);
    *resolver = NULL;
}

int resolver_check(const struct resolver *resolver, struct error *error)
{
    if (command_exists(resolver->words[0]))
        return 0;
    return error_set(error, ERROR_RESOLVER, "the resolver '%.200s' is not a program that can be run",
                     resolver->words[0]);
}

/* A copy of the cookie file in memory: yt-dlp writes its cookies back when it ends, so several would overwrite each
 * other's file. Its descriptor, or -1. */
static int copy_cookies(const char *path)
{
    char buffer[65536];
    ssize_t got = -1;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int to = memfd_create("cookies", MFD_CLOEXEC);

    if (from >= 0 && to >= 0)
        while ((got = read(from, buffer, sizeof buffer)) > 0)
            if (write_all(to, buffer, (size_t)got))
                break;
    if (from >= 0)
        close(from);
    if (to >= 0 && (got != 0 || lseek(to, 0, SEEK_SET) < 0)) {
        close(to);
        to = -1;
    }
    return to;
}

/* Parses what the command printed. NULL, and why in `said`, when it is not a JSON object. */
static json_t *parse_answer(const struct resolver *resolver, const struct command_output *output, char *said,
                            size_t size)
{
    json_error_t why = {.text = "nothing was printed"};
    json_t *whole = output->out ? json_text_parse(output->out, output->out_length, &why) : NULL;
    json_t *trimmed = NULL;

    if (json_is_object(whole))
        trimmed = answer_trim(whole);
    else
        snprintf(said, size, "%s", whole ? "it is another kind of value" : why.text);
    text_make_plain(said);
    /* The default yt-dlp downloads nothing, so a path in its answer comes from the page and must not move a file. */
    if (!resolver->is_command)
        json_object_del(trimmed, "path");
    json_decref(whole);
    return trimmed;
}

static int report(const struct resolver *resolver, struct job *job, struct command_output *output)
{
    int status = output->status;
    bool is_endless = output->is_endless;
    char said[sizeof((struct resolver_outcome *)0)->said] = "";
    bool is_good = !is_endless && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    json_t *answer = NULL;

    if (is_good)
        answer = parse_answer(resolver, output, said, sizeof said);
    else
        messages_error(output->err, said, sizeof said);
    return job_report(job, json_pack("{s:i, s:i, s:b, s:b, s:s, s:o*, s:o*}", "exit",
                                     WIFEXITED(status) ? WEXITSTATUS(status) : -1, "signal",
                                     WIFSIGNALED(status) && !is_endless ? WTERMSIG(status) : 0, "endless",
                                     (int)is_endless, "no_json", (int)(is_good && !answer), "said", said, "answer",
                                     answer, "warnings", messages_warnings(output->err)));
}

bool resolver_has_version(const struct resolver *resolver)
{
    return !resolver->is_command;
}

int resolver_ask_version(const struct resolver *resolver, struct job *job)
{
    const char *const words[] = {resolver->words[0], "--ignore-config", "--version", NULL};
    char version[80] = "", said[sizeof((struct resolver_outcome *)0)->said];
    struct command_output output;

    environment_limit();
    if (command_run(words, -1, NULL, &output) < 0)
        return -1;
    bool is_good = WIFEXITED(output.status) && WEXITSTATUS(output.status) == 0;
    int signal = WIFSIGNALED(output.status) ? WTERMSIG(output.status) : 0;

    if (is_good && output.out)
        snprintf(version, sizeof version, "%.*s", (int)strcspn(output.out, "\r\n"), output.out);
    text_make_plain(version);
    messages_error(output.err, said, sizeof said);
    if (!is_good && !said[0])
        snprintf(said, sizeof said, signal ? "killed by signal %d" : "exit status %d",
                 signal ? signal : WEXITSTATUS(output.status));
    command_output_clear(&output);
    return job_report(job, json_pack("{s:b, s:s, s:s}", "works", (int)is_good, "version", version, "said", said));
}

int resolver_read_version(const struct resolver *resolver, const json_t *report, const struct error *fault,
                          const char **version, struct error *error)
{
    const char *said = json_string_value(json_object_get(report, "said"));

    *version = json_string_value(json_object_get(report, "version"));
    if (*version && json_is_true(json_object_get(report, "works")))
        return 0;
    return error_set(error, ERROR_RESOLVER, "the resolver '%.200s' does not work: --version: %s", resolver->words[0],
                     fault  ? fault->message
                     : said ? said
                            : "no answer");
}

const char *resolver_program(const struct resolver *resolver)
{
    return resolver->words[0];
}

int resolver_command(const struct resolver *resolver, const char **words, size_t count, const char *page_url,
                     const char *folder, struct job *job, struct command_output *output)
{
    char cookies_path[32];
    int cookies = -1, result = -1;

    if (resolver->cookies) {
        cookies = copy_cookies(resolver->cookies);
        if (cookies < 0)
            return -1;
        snprintf(cookies_path, sizeof cookies_path, "/dev/fd/%d", cookies);
        words[count++] = "--cookies";
        words[count++] = cookies_path;
    }
    words[count++] = page_url;
    words[count] = NULL;
    if (!resolver->is_command)
        environment_limit();
    if (!folder || chdir(folder) == 0)
        result = command_run(words, cookies, job, output);
    if (cookies >= 0)
        close(cookies);
    return result;
}

const json_t *resolver_warnings(const json_t *report)
{
    return json_object_get(report, "warnings");
}

int resolver_run(const struct resolver *resolver, const char *page_url, int64_t listed_height, struct job *job)
{
    const struct fetch_settings *settings = resolver->settings;
    bool has_choice = !resolver->is_command && !settings->format && listed_height > 0;
    char *format = has_choice ? format_choose(settings, listed_height) : NULL;
    const char *words[WORDS_MAX + 2 * MORE_WORDS];
    struct command_output output;
    int result = -1;

    memcpy(words, resolver->words, resolver->count * sizeof *words);
    if (format)
        words[resolver->count - 1] = format; /* it follows --format, the last option */
    if (resolver_command(resolver, words, resolver->count, page_url, NULL, NULL, &output) == 0) {
        result = report(resolver, job, &output);
        command_output_clear(&output);
    }
    free(format);
    return result;
}

void resolver_read_report(const json_t *report, struct resolver_outcome *outcome, json_t **answer)
{
    const char *said = json_string_value(json_object_get(report, "said"));

    *outcome = (struct resolver_outcome){
        .exit_status = (int)json_integer_value(json_object_get(report, "exit")),
        .signal = (int)json_integer_value(json_object_get(report, "signal")),
        .endless = json_is_true(json_object_get(report, "endless")),
        .no_json = json_is_true(json_object_get(report, "no_json")),
    };
    snprintf(outcome->said, sizeof outcome->said, "%s", said ? said : "");
    *answer = json_object_get(report, "answer");
}
