/* What of an object's figures survives the process: counters and maxima that stand in its set of counters, found again
 * by the object's guid. */
#include "stat_priv.h"

#include "weir/model/lines.h"
#include "weir/model/proxy.h"

struct str stat_guid(const struct stat_iter *it)
{
	if (it->kind == CNT_SERVER)
		return ((const struct srv *)it->obj)->line->guid;
	if (it->kind == CNT_LISTENER)
		return ((const struct lstn *)it->obj)->bind->guid;
	return it->px->px->guid;
}

static struct cntset *set_of(const struct stat_iter *it)
{
	if (it->kind == CNT_SERVER)
		return &((struct srv *)it->obj)->cnt;
	if (it->kind == CNT_LISTENER)
		return &((struct lstn *)it->obj)->cnt;
	return it->kind == CNT_FRONTEND ? &((struct px_live *)it->obj)->fe : &((struct px_live *)it->obj)->be;
}

static bool is_counter(const struct cnt_row *row)
{
	return row->get == stat_counter || row->get == stat_http;
}

static bool is_peak(const struct cnt_row *row)
{
	int which = row->priv & 0xffff;

	return (row->get == stat_sessions && which == SESS_MAX) || row->get == stat_longest ||
	       (row->get == stat_rate && (which & ~15) == RATE_MOST);
}

bool stat_is_kept(const struct cnt_row *row, int kinds)
{
	return row->priv & kinds && (is_counter(row) || is_peak(row));
}

static void raise(uint32_t *peak, uint64_t v)
{
	if (v <= UINT32_MAX && v > atom_get(peak))
		atom_set(peak, (uint32_t)v);
}

void stat_restore(const struct stat_iter *it, const struct cnt_row *row, uint64_t v)
{
	struct cntset *cs = set_of(it);
	int which = row->priv & 0xffff;

	if (!stat_is_kept(row, cnt_kind_bit(it->kind)))
		return;
	if (is_counter(row))
		cnt_add(cs, stat_which(row->priv, it->kind), v);
	else if (row->get == stat_longest)
		raise(&cnt_own(cs)->longest[which], v);
	else if (row->get == stat_rate)
		raise(&cs->rate_max[which & 15], v);
	else
		raise(&cs->max, v);
}
