/* One scrape in progress. */
#ifndef WEIR_PROMETHEUS_EXPORTER_H
#define WEIR_PROMETHEUS_EXPORTER_H

#include "weir/live/stats.h"

enum prom_scope {
	PROM_GLOBAL = 1, PROM_FRONTEND = 2, PROM_LISTENER = 4, PROM_BACKEND = 8, PROM_SERVER = 16, PROM_STICKTABLE = 32,
	PROM_RESOLVER = 64, PROM_ALL = 127,
};
struct prom {
	unsigned scopes;		/* enum prom_scope: what is asked for */
	bool no_maint;			/* servers in maintenance are left out */
	/* private: place of the walk */
	unsigned part;			/* which scope */
	size_t row;
	bool head_done;			/* HELP and TYPE of this row's metric are written */
	bool walking;
	struct stat_iter it;
	struct arena tmp;
};
/* Reads the query of the request's target. False: a scope that does not exist. */
bool prom_query(struct prom *p, struct str query);
/* Writes about `piece` bytes. True: finished. */
bool prom_write(struct prom *p, struct sbuf *out, size_t piece);

#endif
