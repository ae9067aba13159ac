/* What can be read about running objects and the process: the rows behind show stat, show info, the statistics page and
 * the Prometheus exporter. The first columns of show stat are HAProxy's and never change their places. */
#ifndef WEIR_LIVE_STATS_H
#define WEIR_LIVE_STATS_H

#include "weir/conf/kw.h"
#include "weir/ctl/counter.h"
#include "weir/live/live.h"

/* Objects for the rows' getters: px_live for frontends and backends, srv, lstn, struct live for the process. */
extern const struct cnt_row stat_base_rows[];	/* ended by name == NULL */
extern const struct cnt_row info_base_rows[];

/* Merges what other modules know (checks, TLS, compression ...) into the tables; once, by boot. Both are
 * NULL-ended arrays of arrays, see cnt_merge. */
void stats_register(const struct cnt_row *const *stat_more, const struct cnt_row *const *info_more);
void stats_unregister(void);	/* at the end of the process */
/* The merged tables; the base tables alone before stats_register. */
const struct cnt_row *stat_rows(size_t *n);
const struct cnt_row *info_rows(size_t *n);

/* A column that only CSV shows: what stands behind it may change from version to version. */
static inline bool stat_is_bar(const struct cnt_row *row) { return row->name[0] == '-'; }

/* One value; false: empty for that object. */
bool stat_get(const struct cnt_row *row, const void *obj, enum cnt_kind kind, struct cnt_val *out, struct arena *mem);

/* --- which objects --- */
enum stat_types { STAT_FE = 1, STAT_BE = 2, STAT_SRV = 4, STAT_LI = 8 };
enum stat_flags { STAT_UP = 1 /* not those that are down */, STAT_NO_MAINT = 2 };
/* Walks the objects in the order of show stat: per proxy its frontend, listeners (where `option socket-stats` stands),
 * servers, backend. A zeroed struct with the filters set is the beginning. */
struct stat_iter {
	unsigned types;			/* enum stat_types, 0: all */
	unsigned flags;			/* enum stat_flags */
	int iid, sid;			/* proxy number; server or listener number; -1 or 0: any */
	/* result */
	const void *obj;
	enum cnt_kind kind;
	const struct px_live *px;
	int id;				/* of the server or listener, else 0 */
	/* private */
	unsigned proxy, item;
	uint8_t phase;
	/* Where the numbers lead; counts only while no server has gone. */
	struct list *at_proxy, *at_item;
	uint32_t gone;
};
bool stat_next(struct stat_iter *it);

/* --- what a stats-file keeps --- */
/* The name that finds the object again; STR_NONE: it has none. */
struct str stat_guid(const struct stat_iter *it);
/* A counter or a maximum of one of these kinds (CNT_FE ...)? */
bool stat_is_kept(const struct cnt_row *row, int kinds);
/* Adds to the counter, raises the maximum; before there are threads. */
void stat_restore(const struct stat_iter *it, const struct cnt_row *row, uint64_t v);

#endif
