/* Converters that need a stream: captures by the way, figures of backends and servers by name, values only when. */
#include "weir/stream/converters.h"
#include "weir/expr/rows.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"

/* --- capture-req, capture-res: the value goes into a slot that the section declares, and on --- */

static bool conv_capture(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	return x->strm && stream_capture(x->strm, row->priv == X_RES, (int)args[0].i, smp->s);
}

/* The slots of this section; those of a frontend that a backend is reached through are not known here. */
static bool check_capture(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (args[0].i >= 0)
		return true;
	load_err_set(err, NULL, "expects the number of a capture slot");
	return false;
}

/* --- names of backends and servers --- */

static const struct px_live *backend_live(const struct xctx *x, struct str name)
{
	const struct proxy *px = x->proxy, *be = px ? conf_backend(px->conf, name) : NULL;

	return be ? be->live : NULL;
}

static bool conv_nbsrv(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	const struct px_live *p = backend_live(x, smp->s);

	if (!p)
		return false;
	smp_set_int(smp, atom_get(&p->nact) + atom_get(&p->nbck));
	return true;
}

/* "backend/server", or a server of this section. */
static bool conv_srv_queue(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	const struct proxy *own = x->proxy;
	struct str name = smp->s, first = str_cut(&name, '/');
	const struct px_live *p = name.p ? backend_live(x, first) : own ? own->live : NULL;
	const struct srv *s;

	if (!name.p)
		name = first;
	if (!p)
		return false;
	list_each(s, &p->servers, link) {
		if (!str_eq(s->name, name))
			continue;
		smp_set_int(smp, atom_get(&s->queued));
		return true;
	}
	return false;
}

/* --- when --- */

enum when { WHEN_ERROR, WHEN_FORWARDED, WHEN_NORMAL, WHEN_TOAPPLET, WHEN_STOPPING, WHEN_ACL, WHEN_PROCESSED, WHENS };
static const char *const when_names[WHENS] = { "error", "forwarded", "normal", "toapplet", "stopping", "acl",
					       "processed" };

/* "[!]condition" */
static bool check_when(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	struct str name = args[0].s;
	int i = 0;

	if (name.n && name.p[0] == '!')
		name = str_skip(name, 1);
	while (i < WHENS && !str_eqz(name, when_names[i]))
		i++;
	if (i == WHENS) {
		load_err_set(err, NULL,
			     "expects one of 'error', 'forwarded', 'normal', 'toapplet', 'stopping', 'acl', "
			     "'processed', got '" STR_FMT "'",
			     STR_ARG(name));
		return false;
	}
	args[0].i = i;
	if (i != WHEN_ACL)
		return true;
	if (nargs < 2) {
		load_err_set(err, NULL, "'acl' expects the name of an ACL");
		return false;
	}
	args[1].p = acl_find(sc, args[1].s, err);
	return args[1].p != NULL;
}

/* What option dontlog-normal leaves out. */
static bool is_normal(const struct stream *s)
{
	return s->term1 == TERM_NONE && s->status < 500 && !s->retries_done && !(s->flags & ST_REDISP);
}

static bool holds(const struct arg *args, struct xctx *x)
{
	const struct stream *s = x->strm;

	switch ((enum when)args[0].i) {
	case WHEN_ERROR:
		return !s || !is_normal(s);
	case WHEN_NORMAL:
		return s && is_normal(s);
	case WHEN_FORWARDED:
		return s && s->t_connected;
	case WHEN_TOAPPLET:
		return s && s->service_name;
	case WHEN_PROCESSED:
		return s && (s->t_connected || s->service_name);
	case WHEN_STOPPING:
		return atom_get(&live_get()->stopping);
	case WHEN_ACL:
		return acl_eval(args[1].p, x) == COND_TRUE;
	case WHENS:
		break;
	}
	return false;
}

static bool conv_when(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	return holds(args, x) != (args[0].s.p[0] == '!');
}

#define ROW(n, f, c, i, o, p, h, ...)                                                                                \
	{                                                                                                            \
		.name = n, .conv = f, .args = __VA_ARGS__, .check = c, .in = i, .out = o, .priv = p, .help = h       \
	}
const struct conv_row stream_convs[STREAM_CONVS] = {
	ROW("capture-req", conv_capture, check_capture, SMP_STR, SMP_STR, X_REQ,
	    "the text as it is, kept in a slot of captured request fields", { 1, { ARG_SINT } }),
	ROW("capture-res", conv_capture, check_capture, SMP_STR, SMP_STR, X_RES,
	    "the text as it is, kept in a slot of captured response fields", { 1, { ARG_SINT } }),
	ROW("nbsrv", conv_nbsrv, NULL, SMP_STR, SMP_SINT, 0, "usable servers of the backend of that name", { 0 }),
	ROW("srv_queue", conv_srv_queue, NULL, SMP_STR, SMP_SINT, 0,
	    "streams waiting for the server called backend/server", { 0 }),
	ROW("when", conv_when, check_when, SMP_ANY, SMP_SAME, 0, "the value when a condition holds, else nothing",
	    { 1, { ARG_STR, ARG_STR } }),
};
