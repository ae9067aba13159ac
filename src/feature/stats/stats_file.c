/* Counters that survive a restart: `dump stats-file` writes them, the file named by `stats-file` gives them back at the
 * next start. A header tells of which kind the objects below it are and which columns follow:
 *
 *	#fe guid,stot,bin,...		frontends and listeners
 *	web,12,3456,...
 *
 *	#be guid,stot,bin,...		backends and servers
 *
 * Only objects with a guid are in it; columns and objects that nobody knows are passed over. */
#include "stats_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "weir/base/hmap.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/feature/stats/stats.h"
#include "weir/sys/file.h"

#define FILE_MAX (64 * 1024 * 1024)
#define COLUMNS_MAX 256

struct domain {
	const char *head;
	unsigned types;
	int kinds;
};

static const struct domain domains[] = {
	{ "#fe ", STAT_FE | STAT_LI, CNT_FE | CNT_LI },
	{ "#be ", STAT_BE | STAT_SRV, CNT_BE | CNT_SRV },
};

/* ---- writing ---- */

static void put_head(const struct domain *d, struct sbuf *out)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);

	sbuf_printf(out, "%sguid,", d->head);
	for (size_t i = 0; i < n; i++)
		if (stat_is_kept(&rows[i], d->kinds))
			sbuf_printf(out, "%s,", rows[i].name);
	sbuf_putc(out, '\n');
}

static void put_line(const struct domain *d, const struct stat_iter *it, struct str guid, struct sbuf *out,
		     struct arena *mem)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);
	struct cnt_val v;

	sbuf_printf(out, STR_FMT ",", STR_ARG(guid));
	for (size_t i = 0; i < n; i++) {
		if (!stat_is_kept(&rows[i], d->kinds))
			continue;
		if (stat_get(&rows[i], it->obj, it->kind, &v, mem))
			cnt_put_value(out, &v);
		sbuf_putc(out, ',');
	}
	sbuf_putc(out, '\n');
}

struct file_dump { struct stat_iter it; unsigned domain; bool begun; };

/* One object, or the way to the next kind. False: all is written. */
static bool dump_step(struct file_dump *f, struct sbuf *out, struct arena *mem)
{
	const struct domain *d = &domains[f->domain];
	struct str guid;

	if (!f->begun) {
		put_head(d, out);
		f->it = (struct stat_iter){ .types = d->types };
		f->begun = true;
	}
	if (!stat_next(&f->it)) {
		sbuf_putc(out, '\n');
		f->begun = false;
		return ++f->domain < ARRAY_LEN(domains);
	}
	guid = stat_guid(&f->it);
	if (guid.n)
		put_line(d, &f->it, guid, out, mem);
	return true;
}

enum ctl_result stats_dump_file(struct ctl_req *r)
{
	size_t limit = r->out->n + STATS_PIECE;
	bool more = true;

	if (!r->state)
		r->state = arena_new(r->mem, struct file_dump);
	while (more && r->out->n < limit)
		more = dump_step(r->state, r->out, r->mem);
	return more ? CTL_MORE : CTL_DONE;
}

/* ---- reading ---- */

struct reading {
	const struct domain *domain;		/* of the lines that follow; NULL: none yet */
	const struct cnt_row *cols[COLUMNS_MAX];	/* behind guid; NULL: unknown */
	size_t n;
	struct hmap objects;			/* guid -> struct stat_iter *, front ones and back ones apart */
	struct arena mem;
};

static struct str object_key(struct reading *r, const struct domain *d, struct str guid)
{
	return arena_printf(&r->mem, "%s" STR_FMT, d->head, STR_ARG(guid));
}

static void index_objects(struct reading *r)
{
	for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
		struct stat_iter it = { .types = domains[i].types };

		while (stat_next(&it)) {
			struct stat_iter *own;

			if (!stat_guid(&it).n)
				continue;
			own = arena_new(&r->mem, struct stat_iter);
			*own = it;
			hmap_put(&r->objects, object_key(r, &domains[i], stat_guid(&it)), own);
		}
	}
}

static const struct cnt_row *column(struct str name, int kinds)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (str_eqz(name, rows[i].name))
			return stat_is_kept(&rows[i], kinds) ? &rows[i] : NULL;
	return NULL;
}

static bool read_head(struct reading *r, struct str line)
{
	const struct domain *d = NULL;

	r->domain = NULL;	/* what stands below a head that nobody understands is nobody's */
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (str_starts(line, str_c(domains[i].head)))
			d = &domains[i];
	if (!d)
		return false;
	line = str_skip(line, strlen(d->head));
	if (!str_eq(str_cut(&line, ','), STR("guid")))
		return false;
	r->domain = d;
	for (r->n = 0; line.n && r->n < COLUMNS_MAX; r->n++)
		r->cols[r->n] = column(str_cut(&line, ','), r->domain->kinds);
	return true;
}

static bool read_line(struct reading *r, struct str line)
{
	const struct stat_iter *it = hmap_get(&r->objects, object_key(r, r->domain, str_cut(&line, ',')));
	bool ok = true;

	for (size_t i = 0; line.n && i < r->n; i++) {
		struct str text = str_cut(&line, ',');
		uint64_t v;

		if (!text.n || !r->cols[i])
			continue;
		if (!num_u64(text, &v))
			ok = false;
		else if (it)
			stat_restore(it, r->cols[i], v);
	}
	return ok;
}

/* False: this is no such file. */
static bool read_all(struct reading *r, struct str text, struct str path, struct diag *d)
{
	bool any = false;

	for (int number = 1; text.p; number++) {
		struct str line = str_trim(str_cut(&text, '\n'));

		if (!line.n)
			continue;
		if (line.p[0] == '#') {
			any |= read_head(r, line);
			continue;
		}
		if (!any)
			return false;
		if (r->domain && !read_line(r, line))
			diag_say(d, DIAG_WARNING, "config: Invalid value in stats-file '" STR_FMT "' at line %d.",
				 STR_ARG(path), number);
	}
	return any;
}

void stats_load_file(const struct conf *c, struct diag *d)
{
	struct str path = c->global.stats_file, text;
	struct reading *r;

	if (!path.n)
		return;
	if (!file_read(path, FILE_MAX, &text)) {
		diag_say(d, DIAG_WARNING, "config: Can't load stats-file '" STR_FMT "': %s.", STR_ARG(path),
			 strerror(errno));
		return;
	}
	r = mem_zalloc(sizeof(*r));
	arena_init(&r->mem, 4096);
	index_objects(r);
	if (!read_all(r, text, path, d))
		diag_say(d, DIAG_WARNING, "config: Invalid stats-file format in file '" STR_FMT "'.", STR_ARG(path));
	hmap_fini(&r->objects);
	arena_fini(&r->mem);
	free(r);
	free((char *)text.p);
}
