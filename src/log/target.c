/* Addresses of `log` lines: IP or name with an optional port (UDP), a unix datagram socket, or a descriptor that is
 * open already. */
#include <netdb.h>
#include <stdlib.h>

#include "log_priv.h"
#include "weir/base/num.h"
#include "weir/base/row.h"
#include "weir/conf/kw.h"

#define SYSLOG_PORT 514

enum { ANY_KIND, IP_KIND, UNIX_KIND, ABNS_KIND, ABNSZ_KIND, FD_KIND };
struct prefix { const char *name; uint8_t kind; int family; };
static const struct prefix prefixes[] = {
	{ "udp", IP_KIND, AF_UNSPEC }, { "udp4", IP_KIND, AF_INET }, { "udp6", IP_KIND, AF_INET6 },
	{ "ipv4", IP_KIND, AF_INET }, { "ipv6", IP_KIND, AF_INET6 }, { "dgram+ipv4", IP_KIND, AF_INET },
	{ "dgram+ipv6", IP_KIND, AF_INET6 }, { "unix", UNIX_KIND, AF_UNIX }, { "uxdg", UNIX_KIND, AF_UNIX },
	{ "dgram+unix", UNIX_KIND, AF_UNIX }, { "abns", ABNS_KIND, AF_UNIX }, { "abnsz", ABNSZ_KIND, AF_UNIX },
	{ "fd", FD_KIND, AF_UNSPEC },
};

static const struct prefix *take_prefix(struct str *text)
{
	size_t at = str_chr(*text, '@');
	const struct prefix *p;

	if (at == (size_t)-1)
		return NULL;
	p = row_find(prefixes, ARRAY_LEN(prefixes), sizeof(*prefixes), str_head(*text, at));
	if (p)
		*text = str_skip(*text, at + 1);
	return p;
}

/* Cuts a port off "host:port"; brackets and bare IPv6 addresses keep their colons. */
static bool take_port(struct kw_call *k, struct str *host, struct str whole, uint16_t *port)
{
	size_t at = str_rchr(*host, ':');
	struct str digits;
	uint64_t n = 0;

	*port = SYSLOG_PORT;
	if (at == (size_t)-1 || (host->n && host->p[host->n - 1] == ']'))
		return true;
	digits = str_skip(*host, at + 1);
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] == '-')
			return kw_err_at(k, k->at, digits.p + i, "log : port range not permitted here in '" STR_FMT "'", STR_ARG(whole));
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return kw_err_at(k, k->at, digits.p + i,
			                 "log : invalid character '%c' in port number '" STR_FMT "' in '" STR_FMT "'",
			                 digits.p[i], STR_ARG(digits), STR_ARG(whole));
	}
	if (digits.n && (!num_u64(digits, &n) || n > 65535))
		return kw_err_at(k, k->at, digits.p, "log : invalid port '" STR_FMT "'", STR_ARG(digits));
	if (n)
		*port = (uint16_t)n;
	*host = str_head(*host, at);
	return true;
}

static bool look_up(struct str host, int family, struct addr *out)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_DGRAM }, *found;
	char name[256];
	bool ok = false;

	if (host.n >= sizeof(name) || getaddrinfo(str_z(host, name, sizeof(name)), NULL, &hints, &found) != 0)
		return false;
	if (found->ai_addrlen <= sizeof(struct sockaddr_in6)) {
		memcpy(&out->sa, found->ai_addr, found->ai_addrlen);
		out->len = found->ai_addrlen;
		ok = true;
	}
	freeaddrinfo(found);
	return ok;
}

static bool ip_target(struct kw_call *k, struct log_target *t, struct str text, struct str whole, int family)
{
	static const unsigned char any[16];
	struct str host = text;
	uint16_t port;

	if (!take_port(k, &host, whole, &port))
		return false;
	if (!host.n && family == AF_INET6)
		addr_set6(&t->to, any, port);
	else if (!host.n || str_eq(host, STR("*")))
		addr_set4(&t->to, any, port);
	else if (!addr_parse_ip(&t->to, host) && !look_up(host, family, &t->to))
		return kw_err_at(k, k->at, host.p, "log : invalid address: '" STR_FMT "' in '" STR_FMT "'", STR_ARG(host),
		                 STR_ARG(whole));
	addr_set_port(&t->to, port);
	return true;
}

static bool fd_target(struct kw_call *k, struct log_target *t, struct str number, struct str whole)
{
	uint64_t n;

	if (!num_u64(number, &n) || n > INT32_MAX)
		return kw_err(k, k->at, "log : file descriptor '" STR_FMT "' is not a valid integer in '" STR_FMT "'",
		              STR_ARG(number), STR_ARG(whole));
	t->fd = (int)n;
	return true;
}

static bool unix_target(struct kw_call *k, struct log_target *t, struct str path, struct str whole, bool abstract, bool padded)
{
	if (!addr_set_unix(&t->to, path, abstract, padded))
		return kw_err(k, k->at, "log : socket path '" STR_FMT "' too long (max %d)", STR_ARG(whole),
		              (int)sizeof(t->to.un.sun_path) - 1);
	return true;
}

static bool read_address(struct kw_call *k, struct log_target *t, struct str whole)
{
	struct str rest = whole;
	const struct prefix *p = take_prefix(&rest);
	int kind = p ? p->kind : ANY_KIND;

	if (str_eq(whole, STR("stdout")) || str_eq(whole, STR("stderr"))) {
		t->fd = whole.p[3] == 'o' ? 1 : 2;
		return true;
	}
	if (kind == FD_KIND)
		return fd_target(k, t, rest, whole);
	if (kind == ANY_KIND && rest.n && rest.p[0] == '/')
		kind = UNIX_KIND;
	if (kind >= UNIX_KIND)
		return unix_target(k, t, rest, whole, kind != UNIX_KIND, kind == ABNS_KIND);
	return ip_target(k, t, rest, whole, p ? p->family : AF_UNSPEC);
}

bool log_take_address(struct kw_call *k, struct log_target *t)
{
	if (!read_address(k, t, kw_peek(k)))
		return false;
	k->at++;
	return true;
}
