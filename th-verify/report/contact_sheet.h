/* The contact sheet of a clip: its first, middle and last frame as small pictures, made in a process of its own. */
#ifndef TH_VERIFY_REPORT_CONTACT_SHEET_H
#define TH_VERIFY_REPORT_CONTACT_SHEET_H

#include <jansson.h>

#include "common/stage/jobs.h"

enum { CONTACT_SHEET_PICTURES = 3 };
enum { CONTACT_SHEET_LARGE = 192, CONTACT_SHEET_SMALL = 112 }; /* pixels of a picture's longer side, at most */

struct contact_sheet {
    json_t *record;   /* the clip's, with its path, a file or a folder of pictures; borrowed */
    int side;         /* CONTACT_SHEET_LARGE or CONTACT_SHEET_SMALL */
    json_t *pictures; /* what the child has sent, owned; NULL: none */
    int *unfinished;  /* counted down when the child has ended */
};

/* The work on an item that is a struct contact_sheet. */
extern const struct job_task contact_sheet_task;

/* The base64 text of picture k and its size in pixels; NULL when there is none. */
const char *contact_sheet_picture(const struct contact_sheet *sheet, int k, int *width, int *height);

/* Frees what sheet owns. */
void contact_sheet_clear(struct contact_sheet *sheet);

#endif
