/* Option -d: exchanges as they pass, on standard output. */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "stream_priv.h"

#include <unistd.h>

static bool wanted(const struct stream *s)
{
	return s->conf->global.debug;
}

static void put_tag(struct sbuf *b, const struct stream *s, const char *what)
{
	const struct proxy *px = s->be ? s->be : s->fe;

	sbuf_printf(b, "%08x:" STR_FMT ".%s[%04x:%04x]", s->uniq, STR_ARG(px->name), what,
		    (unsigned)s->front->conn->ev.fd & 0xffff,
		    s->back ? (unsigned)s->back->conn->ev.fd & 0xffff : s->flags & ST_ASSIGNED ? 0xffffU : 0xffffffffU);
}

static void put_out(struct sbuf *b)
{
	ssize_t n = write(STDOUT_FILENO, b->p, b->n);

	(void)n;	/* whoever looks on must not hold things up */
	sbuf_fini(b);
}

void stream_show_accept(const struct stream *s)
{
	const struct addr *src = stream_src(s);
	struct str alpn = STR_NONE;
	char text[ADDR_TEXT_MAX];
	struct sbuf b = sbuf_grow();

	if (!wanted(s))
		return;
	conn_ask(s->sess->conn, ASK_ALPN, &alpn);
	sbuf_printf(&b, "%08x:" STR_FMT ".accept(%04x)=%04x from [" STR_FMT "] ALPN=" STR_FMT "\n", s->uniq,
		    STR_ARG(s->fe->name), (unsigned)s->sess->lstn->id, (unsigned)s->front->conn->ev.fd,
		    STR_ARG(src ? addr_text(src, text) : STR("unix")), STR_ARG(alpn.n ? alpn : STR("<none>")));
	put_out(&b);
}

static void put_fields(struct sbuf *b, const struct stream *s, const struct msg *m, const char *tag)
{
	for (int i = 0; i < m->nf; i++) {
		if (m->f[i].flags & FIELD_F_DELETED)
			continue;
		put_tag(b, s, tag);
		sbuf_printf(b, ": " STR_FMT ": " STR_FMT "\n", STR_ARG(field_name_str(&m->f[i])),
			    STR_ARG(field_value_str(&m->f[i])));
	}
}

void stream_show_request(const struct stream *s)
{
	struct sbuf b = sbuf_grow();

	if (!wanted(s))
		return;
	put_tag(&b, s, "clireq");
	sbuf_printf(&b, ": " STR_FMT " " STR_FMT " HTTP/%u.%u\n", STR_ARG(s->uri_method), STR_ARG(s->uri_target),
		    s->uri_major, s->uri_minor);
	put_fields(&b, s, s->req, "clihdr");
	put_out(&b);
}

void stream_show_answer(const struct stream *s)
{
	struct sbuf b = sbuf_grow();

	if (!wanted(s))
		return;
	put_tag(&b, s, "srvrep");
	sbuf_printf(&b, ": HTTP/%u.%u %d " STR_FMT "\n", s->res->major, s->res->minor, s->res->status,
		    STR_ARG(s->res->reason));
	put_fields(&b, s, s->res, "srvhdr");
	put_out(&b);
}

void stream_show_end(const struct stream *s)
{
	struct sbuf b = sbuf_grow();

	if (!wanted(s))
		return;
	put_tag(&b, s, s->srv && s->term1 == TERM_SERVER ? "srvcls" : "clicls");
	sbuf_putc(&b, '\n');
	put_tag(&b, s, "closed");
	sbuf_putc(&b, '\n');
	put_out(&b);
}
