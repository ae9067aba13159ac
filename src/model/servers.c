/* Server lines when all files were read: distinct names, tracking, addresses. */
#include "model.h"

#include <netdb.h>

#include "weir/mux/conf_mux.h"
#include "weir/net/conf_net.h"

static bool srv_fault(struct loader *ld, const struct server_line *s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static bool srv_fault(struct loader *ld, const struct server_line *s, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->flags & SRV_DYNAMIC)
		return loader_err(ld, "%s", text);
	return loader_err_line(ld, s->file, s->line, "'server " STR_FMT "/" STR_FMT "' : %s", STR_ARG(s->proxy->name),
	                       STR_ARG(s->name), text);
}

static bool check_names(struct loader *ld, struct proxy *p)
{
	struct hmap seen = { 0 };
	struct server_line *s, *other;
	bool ok = true;

	if (p->nservers < 2)
		return true;
	list_each(s, &p->servers, link) {
		other = hmap_get(&seen, s->name);
		if (other)
			ok = loader_err_line(ld, s->file, s->line,
					     "%s '" STR_FMT "', another server named '" STR_FMT "' was already "
					     "defined at line %d, please use distinct names.",
					     proxy_kind(p), STR_ARG(p->name), STR_ARG(s->name), other->line);
		else
			hmap_put(&seen, s->name, s);
	}
	hmap_fini(&seen);
	return ok;
}

/* --- track --- */

static struct server_line *tracked(struct loader *ld, struct server_line *s)
{
	struct str rest = s->track, first = str_cut(&rest, '/');
	struct proxy *p = s->proxy;
	struct server_line *t;

	if (rest.p && !(p = conf_backend(s->proxy->conf, first))) {
		srv_fault(ld, s, "unable to find required proxy '" STR_FMT "' for tracking.", STR_ARG(first));
		return NULL;
	}
	t = proxy_server(p, rest.p ? rest : first);
	if (!t)
		srv_fault(ld, s, "unable to find required server '" STR_FMT "' for tracking.",
			  STR_ARG(rest.p ? rest : first));
	return t;
}

static bool check_track(struct loader *ld, struct server_line *s)
{
	const struct server_line *next;
	int hops = 0;

	if (s->flags & (SRV_CHECK | SRV_AGENT))
		return srv_fault(ld, s, "unable to enable checks and tracking at the same time!");
	s->tracks = tracked(ld, s);
	if (!s->tracks)
		return false;
	next = s->tracks;
	for (const struct server_line *t = next; t; t = t->tracks)
		if (t == s || ++hops > 1000) {
			s->tracks = NULL;
			return srv_fault(ld, s,
					 "unable to track " STR_FMT "/" STR_FMT " as it belongs to a tracking chain "
					 "looping back to " STR_FMT "/" STR_FMT ".",
					 STR_ARG(next->proxy->name), STR_ARG(next->name), STR_ARG(s->proxy->name),
					 STR_ARG(s->name));
		}
	if (!(s->tracks->flags & (SRV_CHECK | SRV_AGENT)) && !s->tracks->track.n)
		return srv_fault(ld, s,
				 "unable to use " STR_FMT "/" STR_FMT " for tracking as it does not have any check "
								      "nor agent "
				 "enabled.",
				 STR_ARG(s->tracks->proxy->name), STR_ARG(s->tracks->name));
	return true;
}

/* --- addresses --- */

static bool ask_libc(struct server_line *s)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = s->family }, *found = NULL;
	char name[256];

	if (s->family == AF_UNSPEC && ((struct conf *)s->proxy->conf)->ipv4_only)
		hints.ai_family = AF_INET;
	if (s->host.n >= sizeof(name) || getaddrinfo(str_z(s->host, name, sizeof(name)), NULL, &hints, &found) != 0 ||
	    !found)
		return false;
	if (found->ai_family == AF_INET)
		addr_set4(&s->addr, &((struct sockaddr_in *)found->ai_addr)->sin_addr, s->port);
	else
		addr_set6(&s->addr, &((struct sockaddr_in6 *)found->ai_addr)->sin6_addr, s->port);
	freeaddrinfo(found);
	return true;
}

static void warn_unresolved(struct loader *ld, const struct server_line *s, const char *before)
{
	diag_say(ld->diag, DIAG_WARNING,
		 "%s[%s:%d] : 'server " STR_FMT "/" STR_FMT "' : could not resolve address '" STR_FMT
		 "', disabling server.", before, s->file, s->line, STR_ARG(s->proxy->name), STR_ARG(s->name),
		 STR_ARG(s->host));
}

/* Tries what init-addr says, in turn; without it: the last known address (none here), then libc. */
static bool find_address(struct loader *ld, struct server_line *s)
{
	static const uint8_t dflt[] = { INIT_ADDR_LAST, INIT_ADDR_LIBC, INIT_ADDR_END };
	const uint8_t *how = s->net.init_addr[0] == INIT_ADDR_END ? dflt : s->net.init_addr;
	bool asked = false;

	if (addr_isset(&s->addr) || s->rhttp || s->sockpair >= 0 || !s->host.n)
		return true;
	for (; *how != INIT_ADDR_END; how++) {
		if (*how == INIT_ADDR_NONE) {
			if (asked)
				warn_unresolved(ld, s, "parsing ");
			return true;
		}
		asked |= *how == INIT_ADDR_LIBC;
		if (*how == INIT_ADDR_LIBC && ask_libc(s))
			return true;
		if (*how == INIT_ADDR_IP) {
			s->addr = s->net.init_ip;
			addr_set_port(&s->addr, s->port);
			return true;
		}
	}
	if (((struct conf *)s->proxy->conf)->ignore_resolve) {
		warn_unresolved(ld, s, "");
		s->flags |= SRV_DISABLED;
		return true;
	}
	return srv_fault(ld, s, "could not resolve address '" STR_FMT "'.", STR_ARG(s->host));
}

static void warn_mode(struct loader *ld, const struct server_line *s)
{
	if (s->cookie.n)
		diag_say(ld->diag, DIAG_WARNING,
			 "%s '" STR_FMT "' : ignoring cookie for server '" STR_FMT "' as HTTP mode is "
			 "disabled.",
			 proxy_kind(s->proxy), STR_ARG(s->proxy->name), STR_ARG(s->name));
	else if (s->redir.n)
		diag_say(ld->diag, DIAG_WARNING,
			 "%s '" STR_FMT "' : server cannot have cookie or redirect prefix in non-HTTP mode.",
			 proxy_kind(s->proxy), STR_ARG(s->proxy->name));
}

static bool bad_protocol(struct loader *ld, const struct server_line *s, const struct mux_misfit *m)
{
	if (s->flags & SRV_DYNAMIC)
		return srv_fault(ld, s, "%s.", "MUX protocol is not usable for server");
	return ld->diag->carets && m->hint ? srv_fault(ld, s, "%s.\n   | %s", m->text, m->hint)
					   : srv_fault(ld, s, "%s.", m->text);
}

bool server_check(struct loader *ld, struct server_line *s)
{
	const struct proxy *p = s->proxy;
	struct mux_misfit m = { .hint = NULL };
	bool ok = true;

	if (s->flags & SRV_BROKEN)
		return false;
	if (s->track.n && !(s->flags & SRV_DYNAMIC))
		ok = check_track(ld, s);
	if (!mux_words_check(&s->mux, MUX_BACK, p->mode == MODE_HTTP, s->tls.on, &m))
		ok = bad_protocol(ld, s, &m);
	if (s->mux.alpn_set && !s->tls.on && !(s->flags & SRV_DYNAMIC))
		diag_say(ld->diag, DIAG_NOTICE, "parsing [%s:%d] : 'server " STR_FMT "/" STR_FMT "' : " ALPN_IN_CLEAR,
			 s->file, s->line, STR_ARG(p->name), STR_ARG(s->name));
	/* What is said about checks holds for the agent too, where nothing is said about it. */
	if (!addr_isset(&s->check.agent_addr))
		s->check.agent_addr = s->check.addr;
	if (!s->check.agent_port)
		s->check.agent_port = s->check.port;
	if (s->flags & SRV_AGENT && !s->check.agent_port)
		ok = srv_fault(ld, s, "server " STR_FMT " does not have agent port. Agent check has been disabled.",
			       STR_ARG(s->name));
	if (s->observe == OBSERVE_LAYER7 && p->mode != MODE_HTTP)
		ok = srv_fault(ld, s, "'layer7' can only be used in http proxies.");
	if (s->minconn > s->maxconn)
		s->maxconn = s->minconn;
	else if (s->maxconn && !s->minconn)
		s->minconn = s->maxconn;
	if (p->mode != MODE_HTTP)
		warn_mode(ld, s);
	/* A name of a dynamic server is not looked up: that could take long. */
	return (s->flags & SRV_DYNAMIC || find_address(ld, s)) && ok;
}

/* What was sent with the SYN is lost with it. */
static void warn_tfo(struct loader *ld, const struct server_line *s)
{
	unsigned all = RETRY_CONN_FAILURE | RETRY_EMPTY | RETRY_TIMEOUT;

	if (s->net.tfo && (s->proxy->retry_on & all) != all)
		diag_say(ld->diag, DIAG_WARNING, "parsing [%s:%d] : 'server " STR_FMT "/" STR_FMT "' : server has tfo "
			 "activated, the backend should be configured with at least 'conn-failure', 'empty-response' "
			 "and 'response-timeout' or we wouldn't be able to retry the connection on failure.",
			 s->file, s->line, STR_ARG(s->proxy->name), STR_ARG(s->name));
}

bool proxy_check_servers(struct loader *ld, struct proxy *p)
{
	struct server_line *s;
	bool ok = check_names(ld, p);

	list_each(s, &p->servers, link) {
		warn_tfo(ld, s);
		ok &= server_check(ld, s);
	}
	return ok;
}
