/* Fetches about the connections of a stream: addresses, versions, errors, kernel's round trip times. */
#include "weir/stream/fetches.h"
#include "weir/stream/stream.h"
#include "weir/mux/mux.h"
#include "weir/sys/sock.h"
#include "stream_priv.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#define SYN_MAX 512	/* headers of link, network and TCP with all their options */

enum { F_SRC, F_DST, FC_SRC, FC_DST, BC_SRC, BC_DST };

static struct conn *back_conn(const struct xctx *x)
{
	const struct stream *s = x->strm;

	if (!s)
		return x->back;
	return s->back ? s->back->conn : NULL;
}

static const struct addr *addr_of(const struct xctx *x, int which)
{
	const struct session *se = x->sess;
	const struct stream *s = x->strm;
	struct conn *b = back_conn(x);

	if (!se && which != BC_SRC && which != BC_DST)
		return NULL;
	switch (which) {
	case F_SRC:
		return s ? stream_src(s) : session_src(se);
	case F_DST:
		return s ? stream_dst(s) : session_dst(se);
	case FC_SRC:
		return session_src(se);
	case FC_DST:
		return session_dst(se);
	case BC_SRC:
		return b ? conn_src(b) : NULL;
	default:
		return b ? conn_dst(b) : NULL;
	}
}

static bool f_addr(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct addr *a = addr_of(x, row->priv);

	return a && smp_set_addr(out, a);
}

static bool f_port(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct addr *a = addr_of(x, row->priv);

	if (!a || (addr_family(a) != AF_INET && addr_family(a) != AF_INET6))
		return false;
	smp_set_int(out, addr_port(a));
	return true;
}

static bool is_local(const struct addr *a)
{
	static const unsigned char mapped[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127 };

	if (addr_family(a) == AF_INET)
		return *(const unsigned char *)&a->in4.sin_addr == 127;
	return addr_family(a) == AF_INET6 &&
	       (IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr) || !memcmp(&a->in6.sin6_addr, mapped, 13));
}

static bool f_is_local(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct addr *a = addr_of(x, row->priv);

	if (!a)
		return false;
	smp_set_bool(out, is_local(a));
	return true;
}

/* --- versions and states --- */

int stream_conn_major(const struct conn *c)
{
	const struct mux *m = c->mux;

	return m && m->proto && !strcmp(m->proto, "h2") ? 2 : 1;
}

enum { V_FC_MAJOR, V_BC_MAJOR, V_FC_ERR, V_BC_ERR, V_FIRST_REQ };

static bool f_conn_int(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	const struct stream *s = x->strm;
	struct conn *b = back_conn(x);
	bool back = row->priv == V_BC_MAJOR || row->priv == V_BC_ERR;

	if (back && !b)
		return row->priv == V_BC_ERR && s && (s->last_cerr || s->t_connect0 || s->t_connected) &&
		       (smp_set_int(out, conn_err_code(s->last_cerr)), true);
	switch (row->priv) {
	case V_FC_MAJOR:
		smp_set_int(out, stream_conn_major(se->conn));
		break;
	case V_BC_MAJOR:
		smp_set_int(out, stream_conn_major(b));
		break;
	case V_FC_ERR:
		smp_set_int(out, conn_err_code(se->conn->err));
		break;
	case V_BC_ERR:
		smp_set_int(out, conn_err_code(b->err));
		break;
	case V_FIRST_REQ:
		if (!s || s->front->flags & GATE_BADREQ)	/* there was none */
			return false;
		smp_set_bool(out, s && s->front->flags & GATE_FIRST);
		break;
	}
	return true;
}

/* --- how many exchanges at a time --- */

enum { N_NOW, N_LIMIT };
#define BACK_SIDE 0x100

static bool f_streams(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	struct conn *c = row->priv & BACK_SIDE ? back_conn(x) : se->conn;
	const struct mux *m = c ? c->mux : NULL;

	if (!m)
		return false;
	smp_set_int(out, (row->priv & ~BACK_SIDE) == N_LIMIT ? mux_streams_limit(c) : m->busy(c));
	return true;
}

static bool f_reused(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	if (!s || !s->back)
		return false;
	smp_set_bool(out, s->back->flags & GATE_REUSED);
	return true;
}

static bool f_h2_via(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	struct conn *c = row->priv ? back_conn(x) : se->conn;
	struct str via = c ? mux_h2_via(c) : STR_NONE;

	smp_set_str(out, via, SMP_F_CONST);
	return via.n > 0;
}

static bool f_glitches(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	struct conn *c = row->priv ? back_conn(x) : se->conn;

	if (!c)
		return false;
	smp_set_int(out, mux_glitches(c));
	return true;
}

static bool f_err_str(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	const struct stream *s = x->strm;
	uint8_t err = row->priv ? (s ? s->last_cerr : 0) : se->conn->err;

	smp_set_str(out, str_c(conn_err_text(err)), SMP_F_CONST);
	return true;
}

static bool f_err_name(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	const struct stream *s = x->strm;

	smp_set_str(out, str_c(conn_err_name(row->priv ? (s ? s->last_cerr : 0) : se->conn->err)), SMP_F_CONST);
	return true;
}

/* The kernel gives the segment once; it goes with the first who asks. */
static bool f_saved_syn(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	char *buf = arena_bytes(x->mem, SYN_MAX);
	size_t n = sock_saved_syn(se->conn->ev.fd, buf, SYN_MAX);

	smp_set_bin(out, str_make(buf, n), 0);
	return n > 0;
}

static bool f_rcvd_proxy(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;

	smp_set_bool(out, se->conn->flags & CONN_PROXIED);
	return true;
}

/* --- what the kernel knows: TCP_INFO --- */

enum { K_RTT, K_RTTVAR, K_UNACKED, K_SACKED, K_RETRANS, K_FACKETS, K_LOST, K_REORDERING };

static bool kernel_info(int fd, struct tcp_info *ti)
{
	socklen_t n = sizeof(*ti);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, ti, &n) == 0;
}

static int64_t info_field(const struct tcp_info *ti, int which)
{
	switch (which) {
	case K_RTT:
		return ti->tcpi_rtt;
	case K_RTTVAR:
		return ti->tcpi_rttvar;
	case K_UNACKED:
		return ti->tcpi_unacked;
	case K_SACKED:
		return ti->tcpi_sacked;
	case K_RETRANS:
		return ti->tcpi_retrans;
	case K_FACKETS:
		return ti->tcpi_fackets;
	case K_LOST:
		return ti->tcpi_lost;
	default:
		return ti->tcpi_reordering;
	}
}

static bool f_tcp_info(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	struct conn *c = row->priv & BACK_SIDE ? back_conn(x) : se->conn;
	int which = row->priv & 0xff;
	struct tcp_info ti;
	int64_t v;

	if (!c || !kernel_info(c->ev.fd, &ti))
		return false;
	v = info_field(&ti, which);
	if ((which == K_RTT || which == K_RTTVAR) && args[0].type != ARG_END && str_eqz(args[0].s, "ms"))
		v /= 1000;
	smp_set_int(out, v);
	return true;
}

static bool check_unit(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (!nargs || !args[0].s.n || str_eqz(args[0].s, "us") || str_eqz(args[0].s, "ms"))
		return true;
	load_err_set(err, args[0].s.p, "unit '%.*s' unknown (expects 'us' or 'ms')", STR_ARG(args[0].s));
	return false;
}

#define ADDR_ROW(n, p, u, h) { .name = n, .fetch = f_addr, .out = SMP_ADDR, .use = u, .priv = p, .help = h }
#define PORT_ROW(n, p, u, h) { .name = n, .fetch = f_port, .out = SMP_SINT, .use = u, .priv = p, .help = h }
#define INT_ROW(n, f, o, p, u, h) { .name = n, .fetch = f, .out = o, .use = u, .priv = p, .help = h }
#define RTT_ROW(n, p, u, h)                                                                                          \
	{                                                                                                            \
		.name = n, .fetch = f_tcp_info, .args = { 0, { ARG_STR } }, .check = check_unit, .out = SMP_SINT,    \
		.use = u, .priv = p, .help = h                                                                       \
	}
const struct fetch_row stream_conn_fetches[STREAM_CONN_FETCHES] = {
	ADDR_ROW("src", F_SRC, USE_L4CLI, "client's address, as rules may have set it"),
	ADDR_ROW("dst", F_DST, USE_L4CLI, "address the client connected to, as rules may have set it"),
	ADDR_ROW("fc_src", FC_SRC, USE_L4CLI, "client's address at the level of the connection"),
	ADDR_ROW("fc_dst", FC_DST, USE_L4CLI, "destination at the level of the connection"),
	ADDR_ROW("bc_src", BC_SRC, USE_L4SRV, "source of the connection to the server"),
	ADDR_ROW("bc_dst", BC_DST, USE_L4SRV, "destination of the connection to the server"),
	PORT_ROW("src_port", F_SRC, USE_L4CLI, "client's port"),
	PORT_ROW("dst_port", F_DST, USE_L4CLI, "port the client connected to"),
	PORT_ROW("fc_src_port", FC_SRC, USE_L4CLI, "client's port at the level of the connection"),
	PORT_ROW("fc_dst_port", FC_DST, USE_L4CLI, "destination port at the level of the connection"),
	PORT_ROW("bc_src_port", BC_SRC, USE_L4SRV, "source port towards the server"),
	PORT_ROW("bc_dst_port", BC_DST, USE_L4SRV, "destination port towards the server"),
	INT_ROW("src_is_local", f_is_local, SMP_BOOL, F_SRC, USE_L4CLI, "does the client come from this host?"),
	INT_ROW("dst_is_local", f_is_local, SMP_BOOL, F_DST, USE_L4CLI, "did the client connect to a local address?"),
	INT_ROW("fc_src_is_local", f_is_local, SMP_BOOL, FC_SRC, USE_L4CLI,
		"does the client's connection come from this host?"),
	INT_ROW("fc_dst_is_local", f_is_local, SMP_BOOL, FC_DST, USE_L4CLI,
		"does the client's connection go to a local address?"),
	INT_ROW("fc_http_major", f_conn_int, SMP_SINT, V_FC_MAJOR, USE_L4CLI,
		"HTTP version spoken with the client: 1 or 2"),
	INT_ROW("bc_http_major", f_conn_int, SMP_SINT, V_BC_MAJOR, USE_L4SRV,
		"HTTP version spoken with the server: 1 or 2"),
	INT_ROW("fc_h2_via", f_h2_via, SMP_STR, 0, USE_L4CLI, "how the client came to HTTP/2: alpn, prior, upgrade"),
	INT_ROW("bc_h2_via", f_h2_via, SMP_STR, 1, USE_L4SRV,
		"how the server's connection came to HTTP/2: alpn, prior, upgrade"),
	INT_ROW("fc_glitches", f_glitches, SMP_SINT, 0, USE_L4CLI, "suspicious frames the client sent"),
	INT_ROW("bc_glitches", f_glitches, SMP_SINT, 1, USE_L4SRV, "suspicious frames the server sent"),
	INT_ROW("fc_err", f_conn_int, SMP_SINT, V_FC_ERR, USE_L4CLI,
		"number of the error of the client's connection, 0: none"),
	INT_ROW("bc_err", f_conn_int, SMP_SINT, V_BC_ERR, USE_L4SRV,
		"number of the error of the server's connection, 0: none"),
	INT_ROW("fc_err_str", f_err_str, SMP_STR, 0, USE_L4CLI, "the error of the client's connection in words"),
	INT_ROW("bc_err_str", f_err_str, SMP_STR, 1, USE_L4SRV, "the error of the server's connection in words"),
	INT_ROW("fc_nb_streams", f_streams, SMP_SINT, N_NOW, USE_L4CLI, "exchanges on the client's connection now"),
	INT_ROW("bc_nb_streams", f_streams, SMP_SINT, N_NOW | BACK_SIDE, USE_L4SRV,
		"exchanges on the server's connection now"),
	INT_ROW("fc_settings_streams_limit", f_streams, SMP_SINT, N_LIMIT, USE_L4CLI,
		"exchanges that the client's connection may carry at a time"),
	INT_ROW("bc_settings_streams_limit", f_streams, SMP_SINT, N_LIMIT | BACK_SIDE, USE_L4SRV,
		"exchanges that the server's connection may carry at a time"),
	INT_ROW("bc_reused", f_reused, SMP_BOOL, 0, USE_L4SRV, "did the server's connection serve others before?"),
	INT_ROW("fc_err_name", f_err_name, SMP_STR, 0, USE_L4CLI, "name of the error of the client's connection"),
	INT_ROW("bc_err_name", f_err_name, SMP_STR, 1, USE_L4SRV, "name of the error of the server's connection"),
	INT_ROW("fc_saved_syn", f_saved_syn, SMP_BIN, 0, USE_L4CLI,
		"the SYN segment of the client's connection (tcp-ss on the bind line), once"),
	INT_ROW("http_first_req", f_conn_int, SMP_BOOL, V_FIRST_REQ, USE_HRQHP,
		"is this the first request of its connection?"),
	INT_ROW("fc_rcvd_proxy", f_rcvd_proxy, SMP_BOOL, 0, USE_L4CLI, "did the client send a PROXY header?"),
	RTT_ROW("fc_rtt", K_RTT, USE_L4CLI, "round trip time to the client"),
	RTT_ROW("fc_rttvar", K_RTTVAR, USE_L4CLI, "variance of the round trip time to the client"),
	RTT_ROW("bc_rtt", K_RTT | BACK_SIDE, USE_L4SRV, "round trip time to the server"),
	RTT_ROW("bc_rttvar", K_RTTVAR | BACK_SIDE, USE_L4SRV, "variance of the round trip time to the server"),
	INT_ROW("fc_unacked", f_tcp_info, SMP_SINT, K_UNACKED, USE_L4CLI, "segments not acknowledged by the client"),
	INT_ROW("fc_sacked", f_tcp_info, SMP_SINT, K_SACKED, USE_L4CLI, "segments acknowledged selectively"),
	INT_ROW("fc_retrans", f_tcp_info, SMP_SINT, K_RETRANS, USE_L4CLI, "segments sent again"),
	INT_ROW("fc_fackets", f_tcp_info, SMP_SINT, K_FACKETS, USE_L4CLI, "forward acknowledgements"),
	INT_ROW("fc_lost", f_tcp_info, SMP_SINT, K_LOST, USE_L4CLI, "segments held for lost"),
	INT_ROW("fc_reordering", f_tcp_info, SMP_SINT, K_REORDERING, USE_L4CLI, "reordering seen"),
};
