#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

static const struct {
    const char *name;
    enum error_class class;
    const char *sentence, *advice;
} words[ERROR_WORD_COUNT] = {[ERROR_NONE] = {"", ERROR_CLASS_PERMANENT, "nothing failed", ""},
#define X(identifier, word, class, sentence, advice)                                                                   \
    [ERROR_##identifier] = {word, ERROR_CLASS_##class, sentence, advice},
                             ERROR_WORDS(X)
#undef X
};

static void set_message(struct error *error, enum error_word word, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void set_message(struct error *error, enum error_word word, const char *format, va_list arguments)
{
    if (!error)
        return;
    error->word = word;
    if (vsnprintf(error->message, sizeof error->message, format, arguments) < 0)
        error->message[0] = '\0';
    text_make_plain(error->message);
}

int error_set(struct error *error, enum error_word word, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(error, word, format, arguments);
    va_end(arguments);
    return -1;
}

int error_set_errno(struct error *error, int number, const char *format, ...)
{
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    set_message(error, number == ENOSPC || number == EDQUOT ? ERROR_DISK_FULL : ERROR_IO, format, arguments);
    va_end(arguments);
    if (error) {
        length = strlen(error->message);
        snprintf(error->message + length, sizeof error->message - length, ": %s", strerror(number));
    }
    return -1;
}

const char *error_word_name(enum error_word word)
{
    return words[word].name;
}

enum error_word error_word_from_name(const char *name)
{
    if (!name)
        return ERROR_NONE;
    for (int word = ERROR_NONE + 1; word < ERROR_WORD_COUNT; word++)
        if (!strcmp(words[word].name, name))
            return (enum error_word)word;
    return ERROR_NONE;
}

enum error_class error_word_class(enum error_word word)
{
    return words[word].class;
}

const char *error_word_sentence(enum error_word word)
{
    return words[word].sentence;
}

const char *error_word_advice(enum error_word word)
{
    return words[word].advice;
}
