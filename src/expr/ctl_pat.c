/* Runtime commands about maps and ACLs: show, get, add, set, del, clear, prepare, commit. One function serves both
 * kinds: the second word says which. */
#include <inttypes.h>
#include <stdlib.h>
#include "pat_priv.h"
#include "weir/base/num.h"
#include "weir/expr/rows.h"

/* Entries looked at, written or removed in one go. */
#define BATCH 1000

static bool is_map(const struct ctl_req *r)
{
	return str_eqz(r->w[1], "map");
}

static const char *what(const struct ctl_req *r)
{
	return is_map(r) ? "map" : "ACL";
}

static enum ctl_result unknown(struct ctl_req *r)
{
	return ctl_fail(r, "Unknown %s identifier. Please use #<id> or <name>.", what(r));
}

static struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR("");
}

static struct pat_ref *find_ref(const struct ctl_req *r)
{
	return pat_ref_find(pat_refs_current(), word(r, 0), is_map(r) ? PAT_REF_MAP : PAT_REF_ACL);
}

/* What maps are made of may be added to ACLs as well; the values are of no use there. */
static struct pat_ref *find_to_edit(const struct ctl_req *r)
{
	return pat_ref_find(pat_refs_current(), word(r, 0), is_map(r) ? 0 : PAT_REF_ACL);
}

/* "@5" in front of the name. Moves on; false: there is none. */
static bool take_version(struct ctl_req *r, int64_t *gen)
{
	struct str w = word(r, 0);
	char z[24];

	if (!w.n || w.p[0] != '@')
		return false;
	*gen = (int64_t)(uint32_t)strtoul(str_z(str_skip(w, 1), z, sizeof(z)), NULL, 10);
	r->at++;
	return true;
}

/* "#0x55d0..." as the dumps show it. */
static bool as_pointer(struct str w, const void **p)
{
	char z[24], *end;

	if (!w.n || w.p[0] != '#')
		return false;
	*p = (const void *)(uintptr_t)strtoull(str_z(str_skip(w, 1), z, sizeof(z)), &end, 0);
	return true;
}

/* --- show --- */

static int by_id(const void *a, const void *b)
{
	const struct pat_ref *x = *(struct pat_ref *const *)a, *y = *(struct pat_ref *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static enum ctl_result list_refs(struct ctl_req *r)
{
	struct pat_refs *all = pat_refs_current();
	unsigned flag = is_map(r) ? PAT_REF_MAP : PAT_REF_ACL;
	struct pat_ref *ref, **sorted;
	size_t n = 0;

	sbuf_putz(r->out, "# id (file) description\n");
	if (!all)
		return CTL_DONE;
	list_each(ref, &all->list, link)
		n++;
	sorted = arena_array(r->mem, struct pat_ref *, n + 1);
	n = 0;
	list_each(ref, &all->list, link)
		if (ref->id >= 0 && (ref->flags & flag))
			sorted[n++] = ref;
	qsort(sorted, n, sizeof(*sorted), by_id);
	for (size_t i = 0; i < n; i++)
		sbuf_printf(r->out, "%d (" STR_FMT ") %s. curr_ver=%u next_ver=%u entry_cnt=%zu\n", sorted[i]->id,
			    STR_ARG(sorted[i]->name), sorted[i]->description ? sorted[i]->description : "",
			    sorted[i]->cur_gen, sorted[i]->next_gen, sorted[i]->count);
	return CTL_DONE;
}

/* Where a dump goes on. */
struct dump {
	struct pat_ref *ref;
	uint32_t gen;
	struct list *at;		/* next entry, good while no entry was removed */
	uint64_t removals, seq;		/* seq: of the next entry */
};

/* A walk over one version of the list that the command names; false: there is no such list. */
static bool dump_begin(struct ctl_req *r, int64_t gen)
{
	struct pat_ref *ref = find_ref(r);
	struct dump *d;

	if (!ref)
		return false;
	d = arena_new(r->mem, struct dump);
	d->ref = ref;
	d->gen = gen == PAT_GEN_CURRENT ? ref->cur_gen : (uint32_t)gen;
	r->state = d;
	return true;
}

/* The place of a dump, found again by order when something was removed meanwhile. */
static struct list *dump_place(const struct dump *d)
{
	struct pat_elt *e;

	if (d->at && d->removals == d->ref->removals && d->at != &d->ref->elts)
		return d->at;
	list_each(e, &d->ref->elts, link)
		if (e->seq >= d->seq)
			return &e->link;
	return &d->ref->elts;
}

static enum ctl_result dump_some(struct ctl_req *r, struct dump *d)
{
	struct list *at;
	int n = 0;

	pat_ref_lock(d->ref);
	for (at = dump_place(d); at != &d->ref->elts && n < BATCH; at = at->next, n++) {
		const struct pat_elt *e = container_of(at, struct pat_elt, link);

		d->seq = e->seq + 1;
		if (e->gen != d->gen)
			continue;
		sbuf_printf(r->out, "%p " STR_FMT, (const void *)e, STR_ARG(e->key));
		if (e->value)
			sbuf_printf(r->out, " " STR_FMT, STR_ARG(e->value->v.text));
		sbuf_putc(r->out, '\n');
	}
	d->at = at;
	d->removals = d->ref->removals;
	pat_ref_unlock(d->ref);
	return at == &d->ref->elts ? CTL_DONE : CTL_MORE;
}

static enum ctl_result cmd_show(struct ctl_req *r)
{
	int64_t gen = PAT_GEN_CURRENT;

	if (!r->state) {
		take_version(r, &gen);
		if (!word(r, 0).n)
			return list_refs(r);
		if (!dump_begin(r, gen))
			return unknown(r);
	}
	return dump_some(r, r->state);
}

/* --- get --- */

static void show_value(struct ctl_req *r, const struct pat_use *u, const struct pat_hit *hit)
{
	struct sample s;

	if (u->out == SMP_ANY || !hit->value) {
		sbuf_putz(r->out, ", value=none");
		return;
	}
	pat_value_sample(hit->value, (enum smp_type)u->out, &s);
	sbuf_printf(r->out, ", value=\"" STR_FMT "\", type=\"%s\"", STR_ARG(hit->value->text),
		    smp_type_name((enum smp_type)s.type));
}

static void get_one(struct ctl_req *r, const struct pat_use *u, struct str key)
{
	const struct pat_index *ix = u->ix;
	struct sample s = { .type = SMP_STR, .flags = SMP_F_CONST, .s = key };
	enum smp_type want = pat_kind_type((enum pat_kind)ix->kind);
	struct pat_hit hit;
	bool found;

	found = (want == SMP_ANY || smp_cast(&s, want, r->mem)) && pat_find(ix, &s, r->mem, &hit, false);
	sbuf_printf(r->out, "type=%s, case=%s, %s=%s", pat_kind_name((enum pat_kind)ix->kind),
		    ix->icase ? "insensitive" : "sensitive", is_map(r) ? "found" : "match", found ? "yes" : "no");
	if (found) {
		sbuf_printf(r->out, ", idx=%s, %s=\"" STR_FMT "\"", pat_is_tree(ix) ? "tree" : "list",
			    is_map(r) ? "key" : "pattern", STR_ARG(hit.key));
		if (is_map(r))
			show_value(r, u, &hit);
	}
	sbuf_putc(r->out, '\n');
}

static enum ctl_result cmd_get(struct ctl_req *r)
{
	struct pat_ref *ref = find_ref(r);
	const struct pat_use *u;

	if (!word(r, 0).n || !word(r, 1).n)
		return ctl_fail(r, "Missing %s identifier and/or key.", what(r));
	if (!ref)
		return unknown(r);
	list_each(u, &ref->uses, link)
		get_one(r, u, word(r, 1));
	return CTL_DONE;
}

/* --- add --- */

/* "key value with blanks" lines; without values for ACLs. */
static enum ctl_result add_payload(struct ctl_req *r, struct pat_ref *ref, int64_t gen)
{
	struct load_err err;
	struct str rest = r->payload;

	while (rest.p) {
		struct str line = str_trim_ws(str_cut(&rest, '\n')), key, value = STR_NONE;
		size_t n = 0;

		if (!line.n)
			continue;
		while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
			n++;
		key = is_map(r) ? str_head(line, n) : line;
		if (is_map(r)) {
			value = str_trim(str_skip(line, n));
			if (!value.n)
				return ctl_fail(r, "Missing value for key '" STR_FMT "'.", STR_ARG(key));
		}
		if (!pat_ref_add(ref, key, value, gen, 0, &err))
			return ctl_fail(r, "%s.", err.msg);
	}
	return CTL_DONE;
}

static enum ctl_result add_usage(struct ctl_req *r)
{
	if (is_map(r))
		return ctl_fail(r, "'add map' expects three parameters (map identifier, key and value) or one "
				   "parameter "
				   "(map identifier) and a payload");
	return ctl_fail(r, "'add acl' expects two parameters: ACL identifier and pattern.");
}

static enum ctl_result cmd_add(struct ctl_req *r)
{
	int64_t gen = PAT_GEN_CURRENT;
	struct pat_ref *ref;
	struct load_err err;

	take_version(r, &gen);
	if (!word(r, 0).n || (!r->payload.p && (!word(r, 1).n || (is_map(r) && !word(r, 2).n))))
		return add_usage(r);
	ref = find_to_edit(r);
	if (!ref)
		return unknown(r);
	if (!is_map(r) && (ref->flags & PAT_REF_VALUES))
		return ctl_fail(r, "This ACL is shared with a map containing samples. You must use the command 'add "
				   "map' "
				   "to add values.");
	if (gen != PAT_GEN_CURRENT && (int32_t)((uint32_t)gen - ref->next_gen) > 0)
		return ctl_fail(r, "Version number in the future, please use 'prepare %s' before.",
				is_map(r) ? "map" : "acl");
	if (r->payload.p)
		return add_payload(r, ref, gen);
	if (!pat_ref_add(ref, word(r, 1), is_map(r) ? word(r, 2) : STR_NONE, gen, 0, &err))
		return ctl_fail(r, "%s.", err.msg);
	return CTL_DONE;
}

/* --- set, del --- */

static enum ctl_result cmd_set(struct ctl_req *r)
{
	struct pat_ref *ref;
	struct load_err err;
	const void *elt;
	int n;

	if (!word(r, 0).n || !word(r, 1).n || !word(r, 2).n)
		return ctl_fail(r, "'set map' expects three parameters: map identifier, key and value.");
	ref = find_to_edit(r);
	if (!ref)
		return unknown(r);
	if (as_pointer(word(r, 1), &elt)) {
		n = pat_ref_set_elt(ref, elt, word(r, 2), &err);
		if (n == 0)
			return ctl_fail(r, "key or pattern not found.");
	} else {
		n = pat_ref_set(ref, word(r, 1), word(r, 2), &err);
		if (n == 0)
			return ctl_fail(r, "entry not found.");
	}
	return n < 0 ? ctl_fail(r, "%s.", err.msg) : CTL_DONE;
}

static enum ctl_result cmd_del(struct ctl_req *r)
{
	struct pat_ref *ref;
	const void *elt;
	int n;

	if (!word(r, 0).n || !word(r, 1).n)
		return ctl_fail(r, "This command expects two parameters: %s identifier and key.", what(r));
	ref = find_to_edit(r);
	if (!ref)
		return unknown(r);
	n = as_pointer(word(r, 1), &elt) ? pat_ref_del_elt(ref, elt) : pat_ref_del(ref, word(r, 1));
	return n ? CTL_DONE : ctl_fail(r, "Key not found.");
}

/* --- versions --- */

static enum ctl_result cmd_clear(struct ctl_req *r)
{
	int64_t gen = PAT_GEN_CURRENT;
	struct dump *d;

	if (!r->state) {
		take_version(r, &gen);
		if (!word(r, 0).n)
			return ctl_fail(r, "Missing %s identifier.", what(r));
		if (!dump_begin(r, gen))
			return unknown(r);
	}
	d = r->state;
	return pat_ref_clear(d->ref, d->gen, BATCH) ? CTL_DONE : CTL_MORE;
}

static enum ctl_result cmd_prepare(struct ctl_req *r)
{
	struct pat_ref *ref = find_ref(r);

	if (!ref)
		return unknown(r);
	return ctl_say(r, CTL_INFO, "New version created: %u", pat_ref_prepare(ref));
}

/* The old entries go a batch at a time: the new version was seen by all at once before. */
static enum ctl_result cmd_commit(struct ctl_req *r)
{
	struct dump *d = r->state;
	struct pat_ref *ref;
	int64_t gen;

	if (!d) {
		if (!take_version(r, &gen))
			return ctl_fail(r, "Missing version number.");
		if (!word(r, 0).n)
			return ctl_fail(r, "Missing %s identifier.", what(r));
		ref = find_ref(r);
		if (!ref)
			return unknown(r);
		if (!pat_ref_commit(ref, (uint32_t)gen))
			return ctl_fail(r, "Version number out of range.");
		d = arena_new(r->mem, struct dump);
		d->ref = ref;
		r->state = d;
	}
	return pat_ref_purge(d->ref, BATCH) ? CTL_DONE : CTL_MORE;
}

const struct ctl_row ctl_pat_rows[] = {
	{ "add acl", CTL_OPERATOR, cmd_add, "[@<ver>] <acl> <pattern>", "add an acl entry", CTL_F_PAYLOAD, 0 },
	{ "add map", CTL_OPERATOR, cmd_add, "[@<ver>] <map> <key> <val>",
	  "add a map entry (payload supported instead of key/val)", CTL_F_PAYLOAD, 0 },
	{ "clear acl", CTL_OPERATOR, cmd_clear, "[@<ver>] <acl>", "clear the contents of this acl", 0, 0 },
	{ "clear map", CTL_OPERATOR, cmd_clear, "[@<ver>] <map>", "clear the contents of this map", 0, 0 },
	{ "commit acl", CTL_OPERATOR, cmd_commit, "@<ver> <acl>", "commit the ACL at this version", 0, 0 },
	{ "commit map", CTL_OPERATOR, cmd_commit, "@<ver> <map>", "commit the map at this version", 0, 0 },
	{ "del acl", CTL_OPERATOR, cmd_del, "<acl> [<key>|#<ref>]", "delete acl entries matching <key>", 0, 0 },
	{ "del map", CTL_OPERATOR, cmd_del, "<map> [<key>|#<ref>]", "delete map entries matching <key>", 0, 0 },
	{ "get acl", CTL_USER, cmd_get, "<acl> <value>", "report the patterns matching a sample for an ACL", 0, 0 },
	{ "get map", CTL_USER, cmd_get, "<acl> <value>", "report the keys and values matching a sample for a map", 0,
	  0 },
	{ "prepare acl", CTL_OPERATOR, cmd_prepare, "<acl>", "prepare a new version for atomic ACL replacement", 0,
	  0 },
	{ "prepare map", CTL_OPERATOR, cmd_prepare, "<acl>", "prepare a new version for atomic map replacement", 0,
	  0 },
	{ "set map", CTL_OPERATOR, cmd_set, "<map> [<key>|#<ref>] <value>", "modify a map entry", 0, 0 },
	{ "show acl", CTL_USER, cmd_show, "[@<ver>] <acl>]", "report available acls or dump an acl's contents", 0,
	  0 },
	{ "show map", CTL_USER, cmd_show, "[@ver] [map]", "report available maps or dump a map's contents", 0, 0 },
	{ 0 },
};
