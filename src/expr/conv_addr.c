/* Addresses, hosts, domains. */
#include "conv_priv.h"

/* --- ipmask --- */

static bool mask_ip6(struct sample *smp, const struct arg *mask)
{
	if (!arg_given(mask))
		return false;
	for (int i = 0; i < 16; i++)
		smp->ip6.s6_addr[i] &= mask->ip6.s6_addr[i];
	return true;
}

/* An IPv6 address that holds an IPv4 one is masked as that. */
static bool conv_ipmask(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	if (smp->type == SMP_IPV6 && !smp_cast(smp, SMP_IPV4, x->mem))
		return mask_ip6(smp, &args[1]);
	smp->ip4.s_addr &= args[0].ip4.s_addr;
	return true;
}

/* --- hosts --- */

/* Where the port's colon stands: the last one that is not inside brackets. (size_t)-1: there is
 * none. */
static size_t port_colon(struct str host)
{
	size_t i = host.n;

	while (i > 0 && host.p[i - 1] != ':' && host.p[i - 1] != ']')
		i--;
	return i > 0 && host.p[i - 1] == ':' ? i - 1 : (size_t)-1;
}

static bool conv_host_only(const struct arg *args, struct sample *smp, struct xctx *x,
			   const struct conv_row *row)
{
	smp->s = str_head(smp->s, port_colon(smp->s));
	smp_own(smp, x->mem);
	str_lower((char *)smp->s.p, smp->s.n);
	return true;
}

static bool conv_port_only(const struct arg *args, struct sample *smp, struct xctx *x,
			   const struct conv_row *row)
{
	size_t colon = port_colon(smp->s);
	int64_t port = 0;

	if (colon != (size_t)-1) {
		for (size_t i = colon + 1; i < smp->s.n; i++) {
			if (smp->s.p[i] < '0' || smp->s.p[i] > '9' || port > UINT32_MAX) {
				port = 0;
				break;
			}
			port = port * 10 + (smp->s.p[i] - '0');
		}
	}
	smp_set_int(smp, port);
	return true;
}

/* --- domains --- */

static bool conv_reverse_dom(const struct arg *args, struct sample *smp, struct xctx *x,
			     const struct conv_row *row)
{
	struct str rest = smp->s;
	struct sbuf b = conv_buf(x, rest.n + 1);

	if (rest.n && rest.p[rest.n - 1] == '.')
		rest.n--;
	for (;;) {
		size_t dot = str_rchr(rest, '.');
		struct str label = str_skip(rest, dot == (size_t)-1 ? 0 : dot + 1);

		if (label.n == 0)
			return false;
		sbuf_puts(&b, label);
		if (dot == (size_t)-1)
			break;
		sbuf_putc(&b, '.');
		rest.n = dot;
	}
	return conv_set_str(smp, &b);
}

const struct conv_row conv_addr_rows[CONV_ADDR_ROWS] = {
	{ "ipmask", conv_ipmask, { 1, { ARG_MASK4, ARG_MASK6 } }, NULL, SMP_ADDR, SMP_ADDR,
	  "the network of an address, by masks for IPv4 and IPv6", 0 },
	{ "host_only", conv_host_only, { 0 }, NULL, SMP_STR, SMP_STR,
	  "a host without its port, in lower case", 0 },
	{ "port_only", conv_port_only, { 0 }, NULL, SMP_STR, SMP_SINT,
	  "the port of a host, 0 without one", 0 },
	{ "reverse_dom", conv_reverse_dom, { 0 }, NULL, SMP_STR, SMP_STR,
	  "the labels of a domain from the last to the first", 0 },
};
