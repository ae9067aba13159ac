/* Walking over what has statistics, in the order of show stat; and the merged tables of rows. Places are remembered as
 * numbers: between two calls servers may come and go. As long as none has gone the pointers beside them save the way
 * from the beginning of the list to there. */
#include "stat_priv.h"

#include "weir/base/obj.h"

#include <stdlib.h>

/* ---- tables ---- */

static struct { const struct cnt_row *rows; size_t n; } stat_table, info_table;

void stats_register(const struct cnt_row *const *stat_more, const struct cnt_row *const *info_more)
{
	stat_table.rows = cnt_merge(stat_base_rows, stat_more, &stat_table.n);
	info_table.rows = cnt_merge(info_base_rows, info_more, &info_table.n);
}

void stats_unregister(void)
{
	free((void *)stat_table.rows);
	free((void *)info_table.rows);
	stat_table.rows = info_table.rows = NULL;
}

static size_t count(const struct cnt_row *rows)
{
	size_t n = 0;

	while (rows[n].name)
		n++;
	return n;
}

const struct cnt_row *stat_rows(size_t *n)
{
	*n = stat_table.rows ? stat_table.n : count(stat_base_rows);
	return stat_table.rows ? stat_table.rows : stat_base_rows;
}

const struct cnt_row *info_rows(size_t *n)
{
	*n = info_table.rows ? info_table.n : count(info_base_rows);
	return info_table.rows ? info_table.rows : info_base_rows;
}

bool stat_get(const struct cnt_row *row, const void *obj, enum cnt_kind kind, struct cnt_val *out, struct arena *mem)
{
	*out = (struct cnt_val){ .type = CNT_EMPTY };
	if (row->get)
		row->get(obj, kind, out, row->priv, mem);
	return out->type != CNT_EMPTY;
}

/* ---- walking ---- */

enum { AT_FRONTEND, AT_LISTENER, AT_SERVER, AT_BACKEND, AT_END };

static struct list *nth(struct list *head, unsigned n)
{
	struct list *l = head->next;

	while (l != head && n--)
		l = l->next;
	return l == head ? NULL : l;
}

static void forget_places(struct stat_iter *it)
{
	uint32_t gone = live_get()->servers_gone;

	if (it->gone != gone)
		it->at_proxy = it->at_item = NULL;
	it->gone = gone;
}

/* The next of the proxy's list, or NULL. */
static struct list *next_item(struct stat_iter *it, struct list *head)
{
	struct list *at = it->at_item ? it->at_item->next : nth(head, it->item);

	it->item++;
	if (at == head)
		at = NULL;
	it->at_item = at;
	return at;
}

static void first_item(struct stat_iter *it)
{
	it->item = 0;
	it->at_item = NULL;
}

static struct list *this_proxy(struct stat_iter *it)
{
	if (!it->at_proxy)
		it->at_proxy = nth(&live_get()->proxies, it->proxy);
	return it->at_proxy;
}

static void next_proxy(struct stat_iter *it)
{
	struct list *next = it->at_proxy->next;

	it->at_proxy = next == &live_get()->proxies ? NULL : next;
	it->proxy++;
	it->phase = AT_FRONTEND;
	first_item(it);
}

static bool wanted(const struct stat_iter *it, unsigned type)
{
	return !it->types || it->types & type;
}

static bool hidden(const struct stat_iter *it, const struct srv *s)
{
	if (it->flags & (STAT_NO_MAINT | STAT_UP) && s->admin & SRV_ADM_MAINT)
		return true;
	return it->flags & STAT_UP && s->state == SRV_ST_STOPPED;
}

static bool found(struct stat_iter *it, const void *obj, enum cnt_kind kind, int id)
{
	if (it->sid > 0 && (kind == CNT_SERVER || kind == CNT_LISTENER) && it->sid != id)
		return false;
	it->obj = obj;
	it->kind = kind;
	it->id = id;
	return true;
}

static bool next_listener(struct stat_iter *it, struct px_live *p)
{
	struct list *at;

	if (!wanted(it, STAT_LI) || !(p->px->options & PO_SOCKET_STATS))
		return false;
	while ((at = next_item(it, &p->listeners))) {
		struct lstn *l = container_of(at, struct lstn, link);

		if (found(it, l, CNT_LISTENER, l->id))
			return true;
	}
	return false;
}

static bool next_server(struct stat_iter *it, struct px_live *p)
{
	struct list *at;

	if (!wanted(it, STAT_SRV))
		return false;
	while ((at = next_item(it, &p->servers))) {
		struct srv *s = container_of(at, struct srv, link);

		if (!hidden(it, s) && found(it, s, CNT_SERVER, s->id))
			return true;
	}
	return false;
}

/* The next object of this proxy. */
static bool next_of(struct stat_iter *it, struct px_live *p)
{
	while (it->phase != AT_END) {
		bool yes = false;

		it->px = p;
		if (it->phase == AT_FRONTEND)
			yes = p->caps & PR_FE && wanted(it, STAT_FE) && found(it, p, CNT_FRONTEND, 0);
		else if (it->phase == AT_BACKEND)
			yes = p->caps & PR_BE && wanted(it, STAT_BE) && found(it, p, CNT_BACKEND, 0);
		else if (it->phase == AT_LISTENER ? next_listener(it, p) : next_server(it, p))
			return true;
		it->phase++;
		first_item(it);
		if (yes)
			return true;
	}
	return false;
}

static bool shown(const struct stat_iter *it, const struct px_live *p)
{
	return !p->disabled && p->px && !(p->px->caps & PR_INTERNAL) && (it->iid <= 0 || it->iid == p->id);
}

bool stat_next(struct stat_iter *it)
{
	struct list *at;

	forget_places(it);
	while ((at = this_proxy(it))) {
		struct px_live *p = container_of(at, struct px_live, link);

		if (shown(it, p) && next_of(it, p))
			return true;
		next_proxy(it);
	}
	return false;
}
