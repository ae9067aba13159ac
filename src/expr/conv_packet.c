/* Headers of packets, as fc_saved_syn gives them: Ethernet frames (IEEE 802.3, 802.1Q), IPv4 (RFC 791) and IPv6 (RFC
 * 8200) packets, TCP segments (RFC 9293). A header that is cut or contradicts itself has no parts. */
#include "conv_priv.h"

static unsigned u8(struct str s, size_t at)
{
	return (unsigned char)s.p[at];
}

static unsigned u16(struct str s, size_t at)
{
	return u8(s, at) << 8 | u8(s, at + 1);
}

static uint32_t u32(struct str s, size_t at)
{
	return (uint32_t)u16(s, at) << 16 | u16(s, at + 2);
}

static bool number(struct sample *smp, int64_t v)
{
	smp_set_int(smp, v);
	return true;
}

/* A piece of the input keeps its flags: it points where that pointed. */
static bool piece(struct sample *smp, struct str s)
{
	smp_set_bin(smp, s, smp->flags);
	return true;
}

/* --- Ethernet --- */

#define ETHER_VLAN 0x8100
#define ETHER_QINQ 0x88a8

/* Length of the header with its VLAN tags, or 0. */
static size_t ether_len(struct str s)
{
	size_t n = 14;

	while (s.n >= n && (u16(s, n - 2) == ETHER_VLAN || u16(s, n - 2) == ETHER_QINQ))
		n += 4;
	return s.n >= n ? n : 0;
}

enum { ETH_DATA, ETH_DST, ETH_HDR, ETH_PROTO, ETH_SRC, ETH_VLAN };

static bool conv_eth(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	struct str s = smp->s;
	size_t n = ether_len(s);

	if (!n)
		return false;
	switch (row->priv) {
	case ETH_DATA:
		return piece(smp, str_skip(s, n));
	case ETH_DST:
		return piece(smp, str_head(s, 6));
	case ETH_SRC:
		return piece(smp, str_make(s.p + 6, 6));
	case ETH_HDR:
		return piece(smp, str_head(s, n));
	case ETH_PROTO:
		return number(smp, u16(s, n - 2));
	default:	/* the innermost tag */
		return n > 14 && number(smp, u16(s, n - 4) & 0xfff);
	}
}

/* --- IP --- */

struct ip_head {
	unsigned version, proto;
	size_t len;			/* with options, extension headers */
};

static bool ip4_head(struct str s, struct ip_head *h)
{
	size_t len;

	if (s.n < 20)
		return false;
	len = (u8(s, 0) & 15) * 4;
	*h = (struct ip_head){ 4, u8(s, 9), len };
	return len >= 20 && len <= s.n;
}

/* Hop-by-hop options, routing, fragment, destination options: headers in front of the one that is meant. */
static bool is_extension(unsigned proto)
{
	return proto == 0 || proto == 43 || proto == 44 || proto == 60;
}

static bool ip6_head(struct str s, struct ip_head *h)
{
	size_t at = 40;

	if (s.n < 40)
		return false;
	*h = (struct ip_head){ 6, u8(s, 6), 40 };
	while (is_extension(h->proto)) {
		size_t len;

		if (s.n - at < 8)
			return false;
		len = h->proto == 44 ? 8 : (u8(s, at + 1) + 1) * 8;
		if (s.n - at < len)
			return false;
		h->proto = u8(s, at);
		at += len;
	}
	h->len = at;
	return true;
}

static bool ip_head(struct str s, struct ip_head *h)
{
	if (!s.n)
		return false;
	return u8(s, 0) >> 4 == 4 ? ip4_head(s, h) : u8(s, 0) >> 4 == 6 && ip6_head(s, h);
}

enum { PKT_DATA, PKT_DF, PKT_DST, PKT_HDR, PKT_PROTO, PKT_SRC, PKT_TOS, PKT_TTL, PKT_VER };

static bool ip_address(struct sample *smp, struct str s, unsigned version, bool src)
{
	if (version == 4) {
		memcpy(&smp->ip4, s.p + (src ? 12 : 16), 4);
		smp->type = SMP_IPV4;
	} else {
		memcpy(&smp->ip6, s.p + (src ? 8 : 24), 16);
		smp->type = SMP_IPV6;
	}
	smp->flags = 0;
	return true;
}

static bool conv_ip(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	struct str s = smp->s;
	struct ip_head h;

	if (!ip_head(s, &h))
		return false;
	switch (row->priv) {
	case PKT_DATA:
		return piece(smp, str_skip(s, h.len));
	case PKT_DF:	/* nobody on the way may cut an IPv6 packet */
		return number(smp, h.version == 4 ? u8(s, 6) >> 6 & 1 : 1);
	case PKT_DST:
	case PKT_SRC:
		return ip_address(smp, s, h.version, row->priv == PKT_SRC);
	case PKT_HDR:
		return piece(smp, str_head(s, h.len));
	case PKT_PROTO:
		return number(smp, h.proto);
	case PKT_TOS:
		return number(smp, h.version == 4 ? u8(s, 1) : u16(s, 0) >> 4 & 0xff);
	case PKT_TTL:
		return number(smp, u8(s, h.version == 4 ? 8 : 7));
	default:
		return number(smp, h.version);
	}
}

/* What of a packet of any version a fingerprint wants. */
struct ip_facts {
	unsigned tos, ttl;
	bool df, options;
	size_t size;			/* the packet says it has */
	struct str src;
};

static struct ip_facts ip_facts(struct str s, const struct ip_head *h)
{
	if (h->version == 4)
		return (struct ip_facts){ u8(s, 1), u8(s, 8), u8(s, 6) >> 6 & 1, h->len != 20, u16(s, 2),
					  str_make(s.p + 12, 4) };
	return (struct ip_facts){ u16(s, 0) >> 4 & 0xff, u8(s, 7), true, h->len != 40, 40 + (size_t)u16(s, 4),
				  str_make(s.p + 8, 16) };
}

/* --- TCP --- */

enum {
	SEG_DST, SEG_FLAGS, SEG_MSS, SEG_SACK, SEG_TSOPT, SEG_TSVAL, SEG_WSCALE, SEG_WSOPT, SEG_LIST, SEG_SEQ, SEG_SRC,
	SEG_WIN,
};
enum { OPT_END, OPT_NOP, OPT_MSS, OPT_WSCALE, OPT_SACK, OPT_TIMES = 8 };

/* The option at *at of the options; false: the end, or one that is cut. */
static bool next_option(struct str opts, size_t *at, unsigned *kind, struct str *value)
{
	size_t len;

	if (*at >= opts.n)
		return false;
	*kind = u8(opts, *at);
	*value = STR_NONE;
	if (*kind == OPT_END || *kind == OPT_NOP) {
		(*at)++;
		return true;
	}
	if (opts.n - *at < 2)
		return false;
	len = u8(opts, *at + 1);
	if (len < 2 || len > opts.n - *at)
		return false;
	*value = str_make(opts.p + *at + 2, len - 2);
	*at += len;
	return true;
}

static bool find_option(struct str opts, unsigned kind, size_t size, struct str *value)
{
	size_t at = 0;
	unsigned k;

	while (next_option(opts, &at, &k, value) && k != OPT_END)
		if (k == kind)
			return value->n >= size;
	return false;
}

static void put_kinds(struct sbuf *b, struct str opts)
{
	struct str value;
	size_t at = 0;
	unsigned k;

	while (next_option(opts, &at, &k, &value)) {
		sbuf_putc(b, (char)k);
		if (k == OPT_END)
			break;
	}
}

static bool option_list(struct sample *smp, struct str opts, struct xctx *x)
{
	struct sbuf b = conv_buf(x, opts.n);

	put_kinds(&b, opts);
	return conv_set_bin(smp, &b);
}

/* The value of an option, 0 without it. */
static bool option_value(struct sample *smp, struct str opts, int which)
{
	struct str v;

	switch (which) {
	case SEG_MSS:
		return number(smp, find_option(opts, OPT_MSS, 2, &v) ? u16(v, 0) : 0);
	case SEG_SACK:
		return number(smp, find_option(opts, OPT_SACK, 0, &v));
	case SEG_TSOPT:
		return number(smp, find_option(opts, OPT_TIMES, 8, &v));
	case SEG_TSVAL:
		return number(smp, find_option(opts, OPT_TIMES, 8, &v) ? u32(v, 0) : 0);
	case SEG_WSCALE:
		return number(smp, find_option(opts, OPT_WSCALE, 1, &v) ? u8(v, 0) : 0);
	default:
		return number(smp, find_option(opts, OPT_WSCALE, 1, &v));
	}
}

static bool conv_tcp(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	struct str s = smp->s, opts;
	size_t len;

	if (s.n < 20)
		return false;
	len = (u8(s, 12) >> 4) * 4;
	if (len < 20 || len > s.n)
		return false;
	opts = str_make(s.p + 20, len - 20);
	switch (row->priv) {
	case SEG_SRC:
		return number(smp, u16(s, 0));
	case SEG_DST:
		return number(smp, u16(s, 2));
	case SEG_SEQ:
		return number(smp, u32(s, 4));
	case SEG_FLAGS:
		return number(smp, u8(s, 13));
	case SEG_WIN:
		return number(smp, u16(s, 14));
	case SEG_LIST:
		return option_list(smp, opts, x);
	default:
		return option_value(smp, opts, row->priv);
	}
}

/* --- both --- */

#define FP_FIXED 7
enum { FP_TTL = 1, FP_KINDS = 2, FP_SRC = 4 };

/* How often the hop limit that a system begins with was probably halved: 0 up to 32, then 64, 128, 255. */
static unsigned ttl_class(unsigned ttl)
{
	return ttl > 128 ? 3 : ttl > 64 ? 2 : ttl > 32;
}

/* 0: there is none. */
static unsigned wscale_code(struct str opts)
{
	struct str v;

	if (!find_option(opts, OPT_WSCALE, 1, &v))
		return 0;
	return u8(v, 0) > 14 ? 15 : u8(v, 0) + 1;
}

static void fp_fixed(struct sbuf *b, const struct ip_facts *f, unsigned version, struct str tcp, struct str opts,
		     bool data)
{
	unsigned flags = u8(tcp, 13), win = u16(tcp, 14), mss;
	struct str v;

	mss = find_option(opts, OPT_MSS, 2, &v) ? u16(v, 0) : 0;
	sbuf_putc(b, (char)f->tos);
	sbuf_putc(b, (char)((unsigned)(version == 6) << 7 | (unsigned)f->df << 6 | ttl_class(f->ttl) << 4 |
			    (unsigned)f->options << 3 | (unsigned)data << 2 | flags >> 6));
	sbuf_putc(b, (char)((20 + opts.n) << 2 | wscale_code(opts)));
	sbuf_putc(b, (char)(win >> 8));
	sbuf_putc(b, (char)win);
	sbuf_putc(b, (char)(mss >> 8));
	sbuf_putc(b, (char)mss);
}

/* What a SYN tells about the system that sent it, in seven bytes: TOS; version 6, DF, two bits of the hop limit, IP
 * options, data, CWR and ECE; length of the TCP header in words and window scale plus 1; window; MSS. The mode adds the
 * hop limit itself, the kinds of the TCP options, the source address. */
static bool conv_ip_fp(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	int64_t mode = arg_given(&args[0]) ? args[0].i : 0;
	struct str s = smp->s, tcp, opts;
	struct ip_facts f;
	struct ip_head h;
	struct sbuf b;
	size_t len;

	if (!ip_head(s, &h))
		return false;
	tcp = str_skip(s, h.len);
	len = tcp.n < 20 ? 0 : (u8(tcp, 12) >> 4) * 4;
	if (len < 20 || len > tcp.n)
		return false;
	f = ip_facts(s, &h);
	opts = str_make(tcp.p + 20, len - 20);
	b = conv_buf(x, FP_FIXED + 1 + opts.n + 16);
	fp_fixed(&b, &f, h.version, tcp, opts, f.size > h.len + len);
	if (mode & FP_TTL)
		sbuf_putc(&b, (char)f.ttl);
	if (mode & FP_KINDS)
		put_kinds(&b, opts);
	if (mode & FP_SRC)
		sbuf_puts(&b, f.src);
	return conv_set_bin(smp, &b);
}

#define ROW(n, f, o, p, h) { n, f, { 0 }, NULL, SMP_BIN, o, h, p }
const struct conv_row conv_packet_rows[CONV_PACKET_ROWS] = {
	ROW("eth.data", conv_eth, SMP_BIN, ETH_DATA, "what is behind an Ethernet header"),
	ROW("eth.dst", conv_eth, SMP_BIN, ETH_DST, "destination of an Ethernet frame"),
	ROW("eth.hdr", conv_eth, SMP_BIN, ETH_HDR, "an Ethernet header with its VLAN tags"),
	ROW("eth.proto", conv_eth, SMP_SINT, ETH_PROTO, "protocol in an Ethernet frame"),
	ROW("eth.src", conv_eth, SMP_BIN, ETH_SRC, "source of an Ethernet frame"),
	ROW("eth.vlan", conv_eth, SMP_SINT, ETH_VLAN, "number of the VLAN of an Ethernet frame"),
	ROW("ip.data", conv_ip, SMP_BIN, PKT_DATA, "what is behind an IP header"),
	ROW("ip.df", conv_ip, SMP_SINT, PKT_DF, "1 when an IP packet must not be cut, else 0"),
	ROW("ip.dst", conv_ip, SMP_ADDR, PKT_DST, "destination of an IP packet"),
	{ "ip.fp", conv_ip_fp, { 0, { ARG_SINT } }, NULL, SMP_BIN, SMP_BIN,
	  "what a SYN tells about the system that sent it", 0 },
	ROW("ip.hdr", conv_ip, SMP_BIN, PKT_HDR, "an IP header with its options or extensions"),
	ROW("ip.proto", conv_ip, SMP_SINT, PKT_PROTO, "protocol in an IP packet"),
	ROW("ip.src", conv_ip, SMP_ADDR, PKT_SRC, "source of an IP packet"),
	ROW("ip.tos", conv_ip, SMP_SINT, PKT_TOS, "type of service or traffic class of an IP packet"),
	ROW("ip.ttl", conv_ip, SMP_SINT, PKT_TTL, "time to live or hop limit of an IP packet"),
	ROW("ip.ver", conv_ip, SMP_SINT, PKT_VER, "version of an IP packet"),
	ROW("tcp.dst", conv_tcp, SMP_SINT, SEG_DST, "destination port of a TCP segment"),
	ROW("tcp.flags", conv_tcp, SMP_SINT, SEG_FLAGS, "flags of a TCP segment, FIN 1, SYN 2 ..."),
	ROW("tcp.options.mss", conv_tcp, SMP_SINT, SEG_MSS, "maximum segment size among TCP options, or 0"),
	ROW("tcp.options.sack", conv_tcp, SMP_SINT, SEG_SACK, "1 when TCP options permit selective acknowledgements"),
	ROW("tcp.options.tsopt", conv_tcp, SMP_SINT, SEG_TSOPT, "1 when TCP options have a time stamp"),
	ROW("tcp.options.tsval", conv_tcp, SMP_SINT, SEG_TSVAL, "time stamp among TCP options, or 0"),
	ROW("tcp.options.wscale", conv_tcp, SMP_SINT, SEG_WSCALE, "window scale among TCP options, or 0"),
	ROW("tcp.options.wsopt", conv_tcp, SMP_SINT, SEG_WSOPT, "1 when TCP options have a window scale"),
	ROW("tcp.options_list", conv_tcp, SMP_BIN, SEG_LIST, "kinds of the TCP options in order, a byte each"),
	ROW("tcp.seq", conv_tcp, SMP_SINT, SEG_SEQ, "sequence number of a TCP segment"),
	ROW("tcp.src", conv_tcp, SMP_SINT, SEG_SRC, "source port of a TCP segment"),
	ROW("tcp.win", conv_tcp, SMP_SINT, SEG_WIN, "window of a TCP segment"),
};
