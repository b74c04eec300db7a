/* Clips that are folders of numbered pictures. */
#ifndef TH_VERIFY_IMAGES_H
#define TH_VERIFY_IMAGES_H

#include "th-verify/check.h"
#include "th-verify/clip.h"

/* "png" or "jpg" when the clip is a folder of such pictures, NULL when it is a file. */
const char *images_kind(const struct clip *clip);

/* Looks at the pictures of such a clip: their number, their bytes, and the size of the first one, or from LEVEL_DECODE
 * on of all. What is wrong with them becomes evidence->fault. 0, or -1 and error (io). */
int images_look(const struct clip *clip, enum level level, struct job *job, struct evidence *evidence,
                struct error *error);

#endif
