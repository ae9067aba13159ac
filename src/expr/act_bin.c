/* Actions that take fields from a list in the form that req.hdrs_bin gives (and programs asked over SPOE return): each
 * text behind its length, names and values in turn, ended by an empty name. A list that is cut or has a name that none
 * can be changes nothing; it counts as a rewrite that failed. */
#include "act_priv.h"
#include "weir/http/chars.h"

enum { BIN_ADD, BIN_SET };

static bool parse_list(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct load_err *err)
{
	if (*at >= n || !w[*at].n) {
		load_err_set(err, NULL, "expects an expression");
		return false;
	}
	r->expr = expr_compile_words(sc, w, n, at, err);
	if (!r->expr)
		return false;
	if (smp_castable(expr_type(r->expr), SMP_BIN))
		return true;
	load_err_set(err, NULL, "expects an expression that gives bytes, not %s", smp_type_name(expr_type(r->expr)));
	return false;
}

static bool parse_headers(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
			  struct load_err *err)
{
	char lower[256];
	struct str s;

	if (!parse_list(r, sc, w, n, at, err))
		return false;
	if (*at >= n || !str_eqz(w[*at], "prefix"))
		return true;
	s = *at + 1 < n ? w[*at + 1] : STR_NONE;
	if (!s.n || s.n > sizeof(lower) || !http_all_token(s)) {
		load_err_set(err, s.p, "'prefix' expects what names of fields may begin with");
		return false;
	}
	for (size_t i = 0; i < s.n; i++)
		lower[i] = (char)http_lower[(unsigned char)s.p[i]];
	r->text = arena_str(sc->mem, str_make(lower, s.n));
	*at += 2;
	return true;
}

/* --- the list --- */

/* A length as SPOE writes it, see put_varint() in fetch_hdr.c. False: cut, or longer than anything here. */
static bool get_len(struct str *rest, size_t *len)
{
	uint64_t v;
	unsigned shift = 4;

	if (!rest->n)
		return false;
	v = (unsigned char)rest->p[0];
	*rest = str_skip(*rest, 1);
	if (v < 240) {
		*len = (size_t)v;
		return true;
	}
	for (unsigned more = 128; more >= 128 && shift < 32; shift += 7) {
		if (!rest->n)
			return false;
		more = (unsigned char)rest->p[0];
		v += (uint64_t)more << shift;
		*rest = str_skip(*rest, 1);
		if (more < 128) {
			*len = (size_t)v;
			return true;
		}
	}
	return false;
}

static bool get_text(struct str *rest, struct str *out)
{
	size_t len;

	if (!get_len(rest, &len) || len > rest->n)
		return false;
	*out = str_head(*rest, len);
	*rest = str_skip(*rest, len);
	return true;
}

enum next { NEXT_FIELD, NEXT_END, NEXT_BAD };
static enum next next_field(struct str *rest, struct str *name, struct str *value)
{
	*value = STR_NONE;
	if (!rest->n)
		return NEXT_END;
	if (!get_text(rest, name))
		return NEXT_BAD;
	if (!name->n)
		return NEXT_END;
	return http_all_token(*name) && get_text(rest, value) ? NEXT_FIELD : NEXT_BAD;
}

/* Bytes that the whole list adds to a head. False: there is something wrong with it. */
static bool measure(struct str list, size_t prefix, size_t *bytes)
{
	struct str name, value;
	enum next r;

	*bytes = 0;
	while ((r = next_field(&list, &name, &value)) == NEXT_FIELD)
		*bytes += prefix + name.n + value.n + 4;
	return r == NEXT_END;
}

static struct str whole_name(const struct rule *r, struct str name, struct arena *mem)
{
	char *p = arena_bytes(mem, r->text.n + name.n);

	if (r->text.n)
		memcpy(p, r->text.p, r->text.n);
	for (size_t i = 0; i < name.n; i++)
		p[r->text.n + i] = (char)http_lower[(unsigned char)name.p[i]];
	return str_make(p, r->text.n + name.n);
}

static enum act_result exec_headers(const struct rule *r, struct xctx *x)
{
	struct msg *m = act_msg(r, x);
	struct sample smp = { 0 };
	struct str rest, name, value;
	size_t bytes;

	if (!m || !expr_eval_as(r->expr, SMP_BIN, &smp, x))
		return ACT_NEXT;
	if (!measure(smp.s, r->text.n, &bytes) || !act_fits(m, bytes, x))
		return act_too_big(x);
	/* a list may have a name more than once: all of the old ones go before the first new one comes */
	for (rest = smp.s; r->action->priv == BIN_SET && next_field(&rest, &name, &value) == NEXT_FIELD;)
		msg_del(m, whole_name(r, name, x->mem));
	for (rest = smp.s; next_field(&rest, &name, &value) == NEXT_FIELD;)
		msg_add_copy(m, whole_name(r, name, x->mem), value);
	return ACT_NEXT;
}

/* --- del-headers-bin: a list of names alone --- */

static bool parse_del(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
		      struct load_err *err)
{
	if (!parse_list(r, sc, w, n, at, err) || !act_del_kind(r, w, n, at, err))
		return false;
	if (r->num != PAT_REG)
		return true;
	load_err_set(err, w[*at - 1].p, "names that come at run time cannot be matched as expressions ('-m reg')");
	return false;
}

/* False: the list is cut. An empty name or its end ends it. */
static bool next_name(struct str *rest, struct str *name)
{
	*name = STR_NONE;
	return !rest->n || get_text(rest, name);
}

static enum act_result exec_del(const struct rule *r, struct xctx *x)
{
	struct msg *m = act_msg(r, x);
	struct sample smp = { 0 };
	struct str rest, name;

	if (!m || !expr_eval_as(r->expr, SMP_BIN, &smp, x))
		return ACT_NEXT;
	rest = smp.s;
	do
		if (!next_name(&rest, &name))
			return act_too_big(x);
	while (name.n);
	for (rest = smp.s; next_name(&rest, &name) && name.n;)
		act_del_fields(m, (enum pat_kind)r->num, act_lower(x->mem, name), NULL);
	return ACT_NEXT;
}

#define HTTP_ALL (RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER)
const struct action_row act_bin_rows[ACT_BIN_ROWS] = {
	{ "add-headers-bin", HTTP_ALL, parse_headers, exec_headers, false, "<expr> [prefix <text>]",
	  "adds the fields of a list as req.hdrs_bin gives it", BIN_ADD },
	{ "del-headers-bin", HTTP_ALL, parse_del, exec_del, false, "<expr> [-m str|beg|end|sub]",
	  "removes the fields whose names match those of a list", 0 },
	{ "set-headers-bin", HTTP_ALL, parse_headers, exec_headers, false, "<expr> [prefix <text>]",
	  "adds the fields of a list after removing all of their names", BIN_SET },
};
