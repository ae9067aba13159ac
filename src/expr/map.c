/* Maps: converters that look the input up in a file's first column and return the second, and the actions that change
 * maps and ACL files while running. */
#include <stdio.h>
#include "act_priv.h"
#include "pat_priv.h"
#include "weir/base/num.h"

/* What a map converter's first argument points to. */
struct map {
	const struct pat_index *ix;
	bool has_default;
	struct pat_value dflt;
};

/* Rows say how: kind of matching and type of the result in one number; regm also expands \1, _key gives the key. */
#define HOW(kind, out) ((int)(kind) | (int)(out) << 8)
#define EXPAND (1 << 16)
#define GIVE_KEY (1 << 17)
static enum pat_kind how_kind(int how) { return (enum pat_kind)(how & 0xff); }
static enum smp_type how_out(int how) { return (enum smp_type)(how >> 8 & 0xff); }

/* --- load --- */

static struct pat_ref *map_ref(struct xscope *sc, struct str file, struct load_err *err)
{
	struct pat_ref *ref = pat_ref_file(sc->pats, file, PAT_REF_MAP | PAT_REF_VALUES, err);

	if (!ref)
		return NULL;
	if (ref->description)
		pat_ref_describe(ref, "by map at file '%s' line %d", sc->file, sc->line);
	else
		pat_ref_describe(ref, "pattern loaded from file '" STR_FMT "' used by map at file '%s' line %d",
				 STR_ARG(file), sc->file, sc->line);
	return ref;
}

static bool set_default(struct map *m, const struct arg *a, enum smp_type out, struct load_err *err)
{
	struct addr ip;

	m->has_default = true;
	m->dflt.text = a->s;
	if (out == SMP_SINT) {
		m->dflt.is_int = true;
		m->dflt.i = a->i;
	} else if (out == SMP_ADDR) {
		if (!addr_parse_ip(&ip, a->s)) {
			load_err_set(err, a->s.p, "map: cannot parse default ip <" STR_FMT ">", STR_ARG(a->s));
			return false;
		}
		m->dflt.family = (uint8_t)addr_family(&ip);
		if (m->dflt.family == AF_INET)
			m->dflt.ip4 = ip.in4.sin_addr;
		else
			m->dflt.ip6 = ip.in6.sin6_addr;
	}
	return true;
}

static bool load_map(struct xscope *sc, struct arg *a, int n, int how, struct load_err *err)
{
	struct map *m = arena_new(sc->mem, struct map);
	struct pat_ref *ref = map_ref(sc, a[0].s, err);

	if (!ref)
		return false;
	m->ix = pat_index_for(ref, how_kind(how), false, how_out(how), err);
	if (!m->ix || ((n > 1 || a[1].type == ARG_SINT) && !set_default(m, &a[1], how_out(how), err)))
		return false;
	a[0].p = m;
	return true;
}

/* The check of a row knows no row: one function for each way. */
#define CHECK(name, kind, out) \
	static bool check_##name(struct xscope *sc, struct arg *a, int n, struct load_err *err) \
	{ \
		return load_map(sc, a, n, HOW(kind, out), err); \
	}
#define CHECKS(name, kind) \
	CHECK(name, kind, SMP_STR) CHECK(name##_int, kind, SMP_SINT) CHECK(name##_ip, kind, SMP_ADDR)
CHECKS(str, PAT_STR)
CHECKS(beg, PAT_BEG)
CHECKS(sub, PAT_SUB)
CHECKS(dir, PAT_DIR)
CHECKS(dom, PAT_DOM)
CHECKS(end, PAT_END)
CHECKS(reg, PAT_REG)
CHECKS(int, PAT_INT)
CHECKS(ip, PAT_IP)

/* --- look-up --- */

/* The value of a regm map: \1 stands for what the first group matched. */
static bool expand(struct sample *smp, const struct pat_hit *hit, struct xctx *x)
{
	size_t room = hit->value->text.n + 1;
	struct sbuf b;

	for (int i = 0; i < REGEX_CAPS; i++)
		room += hit->cap[i].n * (hit->value->text.n / 2 + 1);
	b = sbuf_fixed(arena_bytes(x->mem, room), room);
	if (!regex_expand(&b, hit->value->text, hit->cap))
		return false;
	smp_set_str(smp, sbuf_str(&b), 0);
	return true;
}

static bool conv_map(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	const struct map *m = args[0].p;
	struct pat_hit hit;

	if (pat_find(m->ix, smp, x->mem, &hit, row->priv & EXPAND) && hit.value) {
		if (row->priv & GIVE_KEY) {
			smp_set_str(smp, hit.key, SMP_F_CONST);
			return true;
		}
		if (row->priv & EXPAND)
			return expand(smp, &hit, x);
		return pat_value_sample(hit.value, how_out(row->priv), smp);
	}
	return m->has_default && pat_value_sample(&m->dflt, how_out(row->priv), smp);
}

#define FILE_STR { 1, { ARG_STR, ARG_STR } }
#define FILE_INT { 1, { ARG_STR, ARG_SINT } }
#define ROWS(name, kind, in, what) \
	{ "map_" #name, conv_map, FILE_STR, check_##name, in, SMP_STR, "the text that a map gives for " what, \
	  HOW(kind, SMP_STR) }, \
	{ "map_" #name "_int", conv_map, FILE_INT, check_##name##_int, in, SMP_SINT, \
	  "the integer that a map gives for " what, HOW(kind, SMP_SINT) }, \
	{ "map_" #name "_ip", conv_map, FILE_STR, check_##name##_ip, in, SMP_ADDR, \
	  "the address that a map gives for " what, HOW(kind, SMP_ADDR) }, \
	{ "map_" #name "_key", conv_map, FILE_STR, check_##name, in, SMP_STR, \
	  "the key of a map that is " what, HOW(kind, SMP_STR) | GIVE_KEY }

const struct conv_row conv_map_rows[CONV_MAP_ROWS] = {
	{ "map", conv_map, FILE_STR, check_str, SMP_STR, SMP_STR, "the text that a map gives for the same key",
	  HOW(PAT_STR, SMP_STR) },
	ROWS(str, PAT_STR, SMP_STR, "the same key"),
	ROWS(beg, PAT_BEG, SMP_STR, "the longest key that the input begins with"),
	ROWS(sub, PAT_SUB, SMP_STR, "the first key that the input contains"),
	ROWS(dir, PAT_DIR, SMP_STR, "the first key that is a part between slashes"),
	ROWS(dom, PAT_DOM, SMP_STR, "the first key that is a part between dots"),
	ROWS(end, PAT_END, SMP_STR, "the first key that the input ends with"),
	ROWS(reg, PAT_REG, SMP_STR, "the first key that is a matching regular expression"),
	ROWS(int, PAT_INT, SMP_SINT, "the same number or the first range that holds it"),
	ROWS(ip, PAT_IP, SMP_ADDR, "the smallest network that holds the address"),
	{ "map_regm", conv_map, FILE_STR, check_reg, SMP_STR, SMP_STR,
	  "the text that a map gives for the first matching regular expression, with its groups put in",
	  HOW(PAT_REG, SMP_STR) | EXPAND },
};

/* --- actions: set-map(file) key value, add-acl(file) key ... --- */

enum { ADD_ACL, DEL_ACL, SET_MAP, DEL_MAP };
struct map_act { struct pat_ref *ref; struct logfmt *key, *value; };

static struct pat_ref *act_ref(struct xscope *sc, struct str file, bool map)
{
	struct pat_ref *ref = pat_ref_named(sc->pats, file, map ? PAT_REF_MAP : PAT_REF_ACL);

	if (!ref->description)
		pat_ref_describe(ref, "pattern loaded from file '" STR_FMT "' used by %s at file '%s' line %d",
				 STR_ARG(file), map ? "map" : "acl", sc->file, sc->line);
	return ref;
}

static bool parse_act(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
		      struct load_err *err)
{
	struct map_act *a = arena_new(sc->mem, struct map_act);
	int what = r->action->priv, want = what == SET_MAP ? 2 : 1;

	if (!brackets.n) {
		load_err_set(err, w[0].p, "expects the name of a file in brackets");
		return false;
	}
	if (*at + want > n || act_is_cond(w[*at])) {
		load_err_set(err, NULL, "expects exactly %d argument%s", want, want > 1 ? "s" : "");
		return false;
	}
	a->ref = act_ref(sc, brackets, what == SET_MAP || what == DEL_MAP);
	a->key = logfmt_compile(sc, w[(*at)++], LF_HTTP, err);
	if (a->key && want == 2)
		a->value = logfmt_compile(sc, w[(*at)++], LF_HTTP, err);
	r->arg = a;
	return a->key && (want == 1 || a->value);
}

static enum act_result exec_act(const struct rule *r, struct xctx *x)
{
	const struct map_act *a = r->arg;
	struct str key = act_text(a->key, x), value;
	struct load_err ignored;

	switch (r->action->priv) {
	case ADD_ACL:
		pat_ref_put(a->ref, key, STR_NONE, &ignored);
		break;
	case SET_MAP:
		value = act_text(a->value, x);
		pat_ref_put(a->ref, key, value.p ? value : STR(""), &ignored);
		break;
	default:
		pat_ref_del(a->ref, key);
	}
	return ACT_NEXT;
}

#define HTTP_ALL (RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER)
const struct action_row act_map_rows[ACT_MAP_ROWS] = {
	{ "add-acl(*)", HTTP_ALL, parse_act, exec_act, false, "<key fmt>", "adds a pattern to an ACL's file",
	  ADD_ACL },
	{ "del-acl(*)", HTTP_ALL, parse_act, exec_act, false, "<key fmt>", "removes a pattern from an ACL's file",
	  DEL_ACL },
	{ "del-map(*)", HTTP_ALL, parse_act, exec_act, false, "<key fmt>", "removes a key from a map", DEL_MAP },
	{ "set-map(*)", HTTP_ALL, parse_act, exec_act, false, "<key fmt> <value fmt>",
	  "sets a key's value in a map, adding it if need be", SET_MAP },
};
