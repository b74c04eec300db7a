/* The environment that yt-dlp gets. It runs code of foreign pages, so the user's other secrets are kept from it. */
#ifndef TH_FETCH_SOURCE_ENVIRONMENT_H
#define TH_FETCH_SOURCE_ENVIRONMENT_H

/* In a job's child: removes from its environment what yt-dlp, Python and a JavaScript runtime do not need. They keep
 * folders, languages, proxies, certificates, and where their libraries are. */
void environment_limit(void);

#endif
