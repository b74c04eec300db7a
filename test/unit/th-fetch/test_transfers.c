/* Transfers into parts that hold ranges, from a server that answers as each test says. */
#include "th-fetch/transfer/transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/output/write_all.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"
#include "th-fetch/transfer/partial.h"

enum { TOTAL = 1000000, REPLIES_MAX = 4 };

/* One answer: status line and headers without Content-Length; then the file's bytes [from, to). cut: the connection
 * is closed after as many of them; 0: it is kept. */
struct reply {
    const char *head;
    int from, to, cut;
};

#define RANGE_OF(validator, from, to)                                                                                  \
    "206 Partial Content\r\nETag: " validator "\r\nContent-Range: bytes " from "-" to "/1000000"
#define FIRST                                                                                                          \
    {                                                                                                                  \
        RANGE_OF("\"v1\"", "0", "262143"), 0, 262144, 0                                                                \
    }
#define WHOLE                                                                                                          \
    {                                                                                                                  \
        "200 OK\r\nETag: \"v1\"", 0, TOTAL, 0                                                                          \
    }

static char byte_at(int64_t offset)
{
    return (char)((uint64_t)offset * 2654435761u >> 13);
}

static const char *header(const char *request, const char *name, char *value, size_t size)
{
    const char *found = strcasestr(request, name);

    snprintf(value, size, "%.*s", found ? (int)strcspn(found + strlen(name), "\r") : 1,
             found ? found + strlen(name) : "-");
    return value;
}

/* Reads a request and writes "RANGE IF-RANGE;" to log. False at the end of the connection. */
static bool hear(int fd, FILE *log)
{
    char request[4096] = "", range[64], condition[64];
    size_t length = 0;

    while (!strstr(request, "\r\n\r\n")) {
        ssize_t got = read(fd, request + length, sizeof request - 1 - length);

        if (got <= 0)
            return false;
        length += (size_t)got;
        request[length] = '\0';
    }
    fprintf(log, "%s %s;", header(request, "\r\nRange: bytes=", range, sizeof range),
            header(request, "\r\nIf-Range: ", condition, sizeof condition));
    fflush(log);
    return true;
}

static void answer(int fd, const struct reply *reply)
{
    int size = reply->to - reply->from;
    char *bytes = malloc((size_t)size + 1000);
    int head = sprintf(bytes, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n", reply->head, size);

    for (int i = 0; i < size; i++)
        bytes[head + i] = byte_at(reply->from + i);
    (void)write_all(fd, bytes, (size_t)(head + (reply->cut ? reply->cut : size)));
    free(bytes);
}

/* Sends the replies, one for each request, and logs "+" for each connection. Returns its process. */
static pid_t serve(const struct reply *replies, int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t pid;

    assert_int_equal(bind(server, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server, 4), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    pid = fork();
    if (pid != 0) {
        close(server);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    FILE *log = fopen(scratch_path("log"), "w");
    for (int at = 0; log;) {
        int fd = accept(server, NULL, NULL);

        fputc('+', log);
        while (at < REPLIES_MAX && replies[at].head && hear(fd, log)) {
            answer(fd, &replies[at]);
            if (replies[at++].cut)
                break;
        }
        close(fd);
    }
    _exit(1);
}

/* What a transfer has come to. */
struct result {
    struct transfer_outcome outcome;
    bool is_done;
};

static void began(void *owner, void *item)
{
    (void)owner, (void)item;
}

static void done(void *owner, void *item, const struct transfer_outcome *outcome)
{
    struct result *result = item;

    (void)owner;
    result->outcome = *outcome;
    result->is_done = true;
}

static struct transfers *transfers;
static struct console *console;
static struct space space;
static struct fetch_settings settings;

static struct result transfer(const struct transfer_request *request, struct part *part)
{
    struct result result = {0};
    struct pollfd none = {.fd = -1};
    struct error error;

    if (transfers_start(transfers, request, part, &result, &error) < 0)
        fail_msg("%s", error.message);
    while (!result.is_done)
        assert_true(transfers_wait(transfers, &none, 1, 1000) >= 0);
    return result;
}

static struct part *must_open(const char *id)
{
    struct part *part;
    struct error error;

    if (partial_open(&part, &(struct part_name){scratch_dir, id, ".mp4"}, "source", NULL, &error) < 0)
        fail_msg("%s", error.message);
    return part;
}

/* "[[from, to], ...]" of what has come, whose bytes are the file's. */
static const char *came(const struct part *part)
{
    static char text[512];
    char *bytes = malloc(TOTAL);
    FILE *file = fopen(part_path(part), "r");
    struct byte_range beginning = {0, part_size(part)};
    const struct byte_ranges whole = {.list = &beginning, .count = part_size(part) > 0};
    const struct byte_ranges *ranges = part_is_partial(part) ? partial_ranges(part) : &whole;
    json_t *json = byte_ranges_to_json(ranges);

    assert_non_null(file);
    size_t size = fread(bytes, 1, TOTAL, file);
    for (size_t i = 0; i < ranges->count; i++) {
        assert_true(ranges->list[i].to <= (int64_t)size);
        for (int64_t at = ranges->list[i].from; at < ranges->list[i].to; at++)
            if (bytes[at] != byte_at(at))
                fail_msg("byte %d differs", (int)at);
    }
    fclose(file);
    free(bytes);
    text[json_dumpb(json, text, sizeof text - 1, JSON_COMPACT)] = '\0';
    json_decref(json);
    return text;
}

static const char *requests(void)
{
    static char text[512];
    FILE *file = fopen(scratch_path("log"), "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Of a file of which the first 256 KiB are there, 500000-500009, 600000-600009 and 900000-999999 are wanted. */
static void what_servers_do(void **state)
{
    static const struct {
        const char *what;
        struct reply replies[REPLIES_MAX];
        const char *requests; /* after the first one */
        const char *came;
        const char *whole; /* NULL: it stays a partial */
        enum error_word word;
    } cases[] = {
        {"ranges",
         {FIRST,
          {RANGE_OF("\"v1\"", "500000", "600009"), 500000, 600010, 0},
          {RANGE_OF("\"v1\"", "900000", "999999"), 900000, 1000000, 0}},
         "500000-600009 \"v1\";900000-999999 \"v1\";",
         "[[0,262144],[500000,600010],[900000,1000000]]",
         NULL,
         ERROR_NONE},
        {"a range in two pieces",
         {FIRST,
          {RANGE_OF("\"v1\"", "500000", "550000"), 500000, 550001, 0},
          {RANGE_OF("\"v1\"", "550001", "600009"), 550001, 600010, 0},
          {RANGE_OF("\"v1\"", "900000", "999999"), 900000, 1000000, 0}},
         "500000-600009 \"v1\";550001-600009 \"v1\";900000-999999 \"v1\";",
         "[[0,262144],[500000,600010],[900000,1000000]]",
         NULL,
         ERROR_NONE},
        {"no ranges any more",
         {FIRST, WHOLE},
         "500000-600009 \"v1\";",
         "[[0,1000000]]",
         "the server sends no ranges",
         ERROR_NONE},
        {"a new file",
         {FIRST, {"200 OK\r\nETag: \"v2\"", 0, TOTAL, 0}},
         "500000-600009 \"v1\";",
         "[[0,1000000]]",
         "the file has changed at the server",
         ERROR_NONE},
        {"a new file, which is cut",
         {FIRST, {"200 OK\r\nETag: \"v2\"", 0, TOTAL, 300000}},
         "500000-600009 \"v1\";",
         NULL,
         "the file has changed at the server",
         ERROR_NONE},
        {"a range of a new file",
         {FIRST, {RANGE_OF("\"v2\"", "500000", "600009"), 500000, 600010, 0}},
         "500000-600009 \"v1\";",
         "[]",
         NULL,
         ERROR_SERVER},
        {"a range of a longer file",
         {FIRST, {"206 Partial\r\nContent-Range: bytes 500000-600009/1000001", 500000, 600010, 0}},
         "500000-600009 \"v1\";",
         "[]",
         NULL,
         ERROR_SERVER},
        {"the file has become shorter",
         {FIRST, {"416 No\r\nX: y", 0, 0, 0}},
         "500000-600009 \"v1\";",
         "[]",
         NULL,
         ERROR_SERVER},
        {"another range",
         {FIRST, {RANGE_OF("\"v1\"", "500001", "600010"), 500001, 600011, 0}},
         "500000-600009 \"v1\";",
         "[[0,262144]]",
         NULL,
         ERROR_SERVER},
        {"more than the range",
         {FIRST, {RANGE_OF("\"v1\"", "500000", "999999"), 500000, 1000000, 0}},
         "500000-600009 \"v1\";",
         NULL,
         NULL,
         ERROR_SERVER},
        {"several ranges at once",
         {FIRST, {"206 Partial\r\nContent-Type: multipart/byteranges; boundary=x\r\nETag: \"v1\"", 0, 5000, 0}},
         "500000-600009 \"v1\";",
         "[[0,262144]]",
         NULL,
         ERROR_SERVER},
        {"a connection that ends after the range, though more was announced",
         {FIRST,
          {RANGE_OF("\"v1\"", "500000", "600009"), 500000, 700000, 100010},
          {RANGE_OF("\"v1\"", "900000", "999999"), 900000, 1000000, 0}},
         "500000-600009 \"v1\";+900000-999999 \"v1\";",
         "[[0,262144],[500000,600010],[900000,1000000]]",
         NULL,
         ERROR_NONE},
        {"a cut connection",
         {FIRST, {RANGE_OF("\"v1\"", "500000", "600009"), 500000, 600010, 5300}},
         "500000-600009 \"v1\";",
         NULL,
         NULL,
         ERROR_NONE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char url[64], expected[256];
        struct byte_range list[] = {{500000, 500010}, {600000, 600010}, {900000, TOTAL}};
        const struct byte_ranges wanted = {.list = list, .count = 3};
        int port;
        pid_t server = serve(cases[i].replies, &port);
        struct part *part = must_open("a");
        struct transfer_request request = {.url = url, .wanted = &wanted};

        printf("%s\n", cases[i].what);
        snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
        struct result result = transfer(&request, part);
        assert_int_equal(result.outcome.local.word, ERROR_NONE);
        assert_string_equal(came(part), "[[0,262144]]");
        result = transfer(&request, part);
        snprintf(expected, sizeof expected, "+0-262143 -;%s", cases[i].requests);
        assert_string_equal(requests(), expected);
        assert_int_equal(result.outcome.local.word, cases[i].word);
        assert_int_equal(result.outcome.curl_code != CURLE_OK, cases[i].word != ERROR_NONE || !cases[i].came);
        assert_int_equal(part_is_partial(part), !cases[i].whole);
        if (cases[i].whole)
            assert_string_equal(result.outcome.whole, cases[i].whole);
        if (cases[i].came)
            assert_string_equal(came(part), cases[i].came);
        else
            assert_true(part_size(part) > (cases[i].whole ? 0 : 262144)); /* some of it has come */
        part_discard(part);
        part_close(&part);
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
}

/* The first answers to a transfer of a file of which nothing is known. */
static void first_answers(void **state)
{
    static const struct {
        const char *what;
        struct reply replies[REPLIES_MAX];
        int64_t piece;
        const char *requests, *came;
        const char *whole;
    } cases[] = {
        {"a short file",
         {{"206 Partial\r\nETag: \"v1\"\r\nContent-Range: bytes 0-999/1000", 0, 1000, 0}},
         0,
         "+0-262143 -;",
         "[[0,1000]]",
         NULL},
        {"a date instead of an ETag",
         {{"206 Partial\r\nETag: W/\"v1\"\r\nLast-Modified: Mon\r\nContent-Range: bytes 0-262143/1000000", 0, 262144,
           0}},
         0,
         "+0-262143 -;",
         "[[0,262144]]",
         NULL},
        {"pieces",
         {{RANGE_OF("\"v1\"", "0", "199999"), 0, 200000, 0},
          {RANGE_OF("\"v1\"", "200000", "262143"), 200000, 262144, 0}},
         200000,
         "+0-199999 -;200000-262143 \"v1\";",
         "[[0,262144]]",
         NULL},
        {"no ranges", {WHOLE}, 0, "+0-262143 -;", "[[0,1000000]]", "the server sends no ranges"},
        {"no validator",
         {{"206 Partial\r\nContent-Range: bytes 0-262143/1000000", 0, 262144, 262144}, {"200 OK", 0, TOTAL, 0}},
         0,
         "+0-262143 -;+- -;",
         "[[0,1000000]]",
         "the server gives no ETag or date"},
        {"no length",
         {{"206 Partial\r\nETag: \"v1\"\r\nContent-Range: bytes 0-262143/*", 0, 262144, 262144}, WHOLE},
         0,
         "+0-262143 -;+- -;",
         "[[0,1000000]]",
         "the server does not say how long the file is"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char url[64];
        int port;
        pid_t server = serve(cases[i].replies, &port);
        struct part *part = must_open("b");

        printf("%s\n", cases[i].what);
        snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
        struct result result = transfer(&(struct transfer_request){.url = url, .piece = cases[i].piece}, part);
        assert_int_equal(result.outcome.local.word, ERROR_NONE);
        assert_int_equal(result.outcome.curl_code, CURLE_OK);
        assert_string_equal(requests(), cases[i].requests);
        assert_string_equal(came(part), cases[i].came);
        assert_string_equal(result.outcome.whole ? result.outcome.whole : "-", cases[i].whole ? cases[i].whole : "-");
        assert_int_equal(part_is_partial(part), !cases[i].whole);
        part_discard(part);
        part_close(&part);
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
}

static void ranges_of_a_file_of_this_machine(void **state)
{
    char *bytes = malloc(TOTAL), url[600];
    struct byte_range list[] = {{300000, 300010}, {600000, 600010}, {900000, TOTAL}};
    const struct byte_ranges wanted = {.list = list, .count = 3};
    struct transfer_request request = {.url = url, .may_be_file = true, .wanted = &wanted};
    struct part *part = must_open("c");

    (void)state;
    for (int at = 0; at < TOTAL; at++)
        bytes[at] = byte_at(at);
    snprintf(url, sizeof url, "file://%s", scratch_file("source.mp4", bytes, TOTAL));
    assert_int_equal(stat(scratch_path("source.mp4"), &request.file), 0);
    assert_int_equal(transfer(&request, part).outcome.local.word, ERROR_NONE);
    assert_int_equal(transfer(&request, part).outcome.local.word, ERROR_NONE);
    assert_string_equal(came(part), "[[0,262144],[300000,300010],[600000,600010],[900000,1000000]]");
    request.wanted = NULL;
    request.file.st_mtim.tv_nsec ^= 1; /* as if another file had come in its place */
    assert_int_equal(transfer(&request, part).outcome.local.word, ERROR_SERVER);
    assert_string_equal(came(part), "[]");
    part_close(&part);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_answers),
        cmocka_unit_test(what_servers_do),
        cmocka_unit_test(ranges_of_a_file_of_this_machine),
    };

    setenv("no_proxy", "*", 1);
    settings = fetch_defaults;
    settings.common.jobs = 1;
    console = console_alloc("test", -1, PROGRESS_NEVER);
    space_init(&space, "/tmp", 0, console);
    transfers = transfers_alloc(&settings, &space, began, done, NULL);
    if (!console || !transfers)
        return 1;
    int status = cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
    transfers_free(&transfers);
    console_free(&console);
    return status;
}
