/* What muxes have to know of a line, its proxy and the global section, in one flat struct. */
#include "model.h"

#define H2_STREAMS 100
#define H2_WINDOW 65536
#define H2_FRAME 16384
#define H2_TABLE 4096

static unsigned pick(unsigned own, unsigned both, unsigned dflt)
{
	return own ? own : both ? both : dflt;
}

static void common(struct mux_limits *l, const struct proxy *p)
{
	const struct tune *t = &p->conf->global.tune;

	l->bufsize = t->bufsize;
	l->maxrewrite = t->maxrewrite;
	l->maxhdr = t->maxhdr;
	l->t_client = p->t_client;
	l->t_client_fin = p->t_client_fin;
	l->t_server_fin = p->t_server_fin;
	l->h2_frame = pick(t->h2.frame, 0, H2_FRAME);
	l->h2_header_table = pick(t->h2.header_table, 0, H2_TABLE);
	l->h2_glitch_cpu = t->glitch_cpu;
	l->http_mode = p->mode == MODE_HTTP;
}

static const struct h1_case *spelling(const struct proxy *p, unsigned option)
{
	const struct case_map *m = &p->conf->global.cases;

	return p->options2 & option && m->h1.name ? &m->h1 : NULL;
}

static void front(struct bind *b, const struct proxy *p)
{
	const struct tune *t = &p->conf->global.tune;
	struct mux_limits *l = &b->lim;

	common(l, p);
	l->t_request = p->t_http_request;
	l->t_keepalive = p->t_keepalive;
	l->h2_streams = pick(t->h2.fe_streams, t->h2.streams, H2_STREAMS);
	l->h2_window = pick(t->h2.fe_window, t->h2.init_window, H2_WINDOW);
	l->h2_glitches = t->h2.fe_glitches;
	l->h2_rxbuf = t->h2.fe_rxbuf;
	l->h2_rst_limit = t->h2.fe_rst_limit;
	l->h2_total_streams = t->h2.fe_total_streams;
	l->accept_unsafe = p->options & PO_ACCEPT_UNSAFE_REQ;
	l->any_body = p->conf->global.any_body;
	l->ignore_probes = p->options & PO_IGNORE_PROBES;
	l->close_front = p->options & PO_HTTP_CLOSE;
	l->no_h2_upgrade = p->options2 & PO2_NO_H2_UPGRADE;
	l->no_websocket = p->conf->global.no_h2_websocket;
	l->idle_close = p->options2 & PO2_IDLE_CLOSE;
	l->case_adjust = spelling(p, PO2_H1_ADJ_CLI);
}

void server_limits(struct server_line *s, const struct proxy *p)
{
	const struct tune *t = &p->conf->global.tune;
	struct mux_limits *l = &s->lim;

	common(l, p);
	l->h2_streams = pick(t->h2.be_streams, t->h2.streams, H2_STREAMS);
	l->h2_window = pick(t->h2.be_window, t->h2.init_window, H2_WINDOW);
	l->h2_rxbuf = t->h2.be_rxbuf;
	l->h2_glitches = t->h2.be_glitches;
	l->accept_unsafe = p->options & PO_ACCEPT_UNSAFE_RES;
	l->case_adjust = spelling(p, PO2_H1_ADJ_SRV);
	l->max_requests = s->max_reuse >= 0 ? (uint32_t)s->max_reuse + 1 : 0;
}

/* What a listening socket needs of its proxy and of the global section. */
static void socket_of(struct bind *b, const struct proxy *p)
{
	const struct global *g = &p->conf->global;
	struct bind_net *n = &b->net;

	if (!n->backlog)
		n->backlog = (int)(p->backlog ? p->backlog : n->maxconn ? (unsigned)n->maxconn : p->maxconn);
	n->noreuseport = g->noreuseport;
	n->maxaccept = g->tune.maxaccept;
	n->rcvbuf = (int)g->tune.rcvbuf_client;
	n->sndbuf = (int)g->tune.sndbuf_client;
	n->notsent_lowat = g->tune.notsent_client;
	if (!n->shards)
		n->shards = g->tune.default_shards;
	n->late_ack = p->options & PO_SMART_ACCEPT;
	n->keepalive = p->options & PO_CLITCPKA;
	n->ka_cnt = p->clitcpka.cnt;
	n->ka_idle = p->clitcpka.idle;
	n->ka_intvl = p->clitcpka.intvl;
}

void binds_settle(struct list *binds, const struct proxy *p)
{
	struct bind *b;

	list_each(b, binds, link) {
		socket_of(b, p);
		front(b, p);
	}
}

void proxy_limits(struct proxy *p)
{
	struct server_line *s;

	binds_settle(&p->binds, p);
	list_each(s, &p->servers, link)
		server_limits(s, p);
}
