/* One statistics page being written. */
#ifndef WEIR_STATS_PAGE_H
#define WEIR_STATS_PAGE_H

#include "stats_priv.h"

enum page_flag { PAGE_UP = 1, PAGE_NO_MAINT = 2, PAGE_NO_REFRESH = 4 };

struct stats_page {
	const struct stats_words *words;
	struct str self;		/* the proxy that serves the page: scope "." */
	struct str node;		/* name to show; empty: the machine's */
	struct str scope;		/* what the reader asked for: part of a proxy's name */
	unsigned flags;			/* enum page_flag */
	bool admin;			/* may change servers */
	const char *outcome;		/* of the change that led here, or NULL */
	/* private */
	struct stat_iter it;
	const struct px_live *table;
	bool begun, form_open;
	struct arena tmp;
};
/* Writes about `piece` bytes. True: finished. */
bool stats_page_write(struct stats_page *pg, struct sbuf *out, size_t piece);
bool stats_page_shows(const struct px_live *p, void *page);

#endif
