/* `server`, `default-server` and `server-template` lines: name and address. Their words are in server_words.c. */
#include "model.h"
#include "rows.h"

#include <ctype.h>
#include <stdio.h>

#include "weir/base/num.h"
#include "weir/net/conf_net.h"

static bool name_ok_at(struct kw_call *k, int word, struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && !memchr("._:-", name.p[i], 4))
			return kw_err_at(k, word, name.p + i,
					 "character '%c' is not permitted in server name '" STR_FMT "'.", name.p[i],
					 STR_ARG(name));
	return true;
}

bool server_name_ok(struct kw_call *k, struct str name)
{
	return name_ok_at(k, 0, name);
}

void server_take_address(struct server_line *s, const struct addr_conf *a)
{
	s->host = a->host;
	s->addr = a->addr;
	s->port = a->port_low;
	s->family = a->family;
	s->map_port = a->port_offset || (a->port_low == 0 && a->addr.len && addr_family(&a->addr) != AF_UNIX) ||
	              (a->port_low == 0 && !a->addr.len);
	s->port_offset = a->port_offset ? a->port_delta : 0;
	s->rhttp = a->rhttp;
	s->dgram = a->dgram;
	s->sockpair = a->sockpair ? a->fd : -1;
}

/* Words behind the address; k->at is on the first. */
static bool take_words(struct kw_call *k, struct server_line *s)
{
	char what[300];

	snprintf(what, sizeof(what), "'server %.120s/%.120s'", s->proxy->name.n ? s->proxy->name.p : "", s->name.p);
	if (!kw_words(k, KW_SERVER, s, what)) {
		s->flags |= SRV_BROKEN;
		return false;
	}
	tls_server_words_defaults(&s->tls, &kw_conf(k)->global.tls);
	return true;
}

static void add_server(struct kw_call *k, struct server_line *s)
{
	struct proxy *p = s->proxy;

	s->file = k->file;
	s->line = k->line;
	list_push(&p->servers, &s->link);
	p->nservers++;
}

static struct server_line *copy_default(struct kw_call *k, struct proxy *p)
{
	struct server_line *s = arena_new(k->mem, struct server_line);

	*s = p->dflt_server;
	list_init(&s->link);
	s->proxy = p;
	return s;
}

static bool address_err(struct kw_call *k, int word, const struct server_line *s, const struct addr_fault *f)
{
	return kw_err_at(k, word, f->at, "'server " STR_FMT "/" STR_FMT "' : %s", STR_ARG(s->proxy->name),
			 STR_ARG(s->name), f->text);
}

static unsigned address_flags(const struct proxy *p)
{
	return AC_SERVER | AC_RHTTP | (p->mode == MODE_LOG ? AC_DGRAM : 0);
}

static bool parse_server(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct addr_fault fault;
	struct addr_conf a;
	struct server_line *s;
	bool ok;

	if (str_words(k->w + k->at, k->n - k->at) < 2) {
		kw_hint(k, "server <name> <address>[:<port>]");
		return kw_err(k, MIN(k->at + kw_more(k), k->n),
			      "'server' expects <name> and <addr>[:<port>] as arguments.");
	}
	s = copy_default(k, p);
	s->name = k->w[k->at];
	ok = name_ok_at(k, k->at, k->w[k->at]);
	if (addr_conf_parse(&a, addr_conf_env(k->w[k->at + 1], k->mem), address_flags(p), STR_NONE, &fault))
		server_take_address(s, &a);
	else
		ok = address_err(k, k->at + 1, s, &fault);
	k->at += 2;
	ok &= take_words(k, s);
	add_server(k, s);
	return ok;
}

static bool parse_default(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);

	return kw_words(k, KW_SERVER, &p->dflt_server, NULL);
}

/* "3" or "1-3" */
static bool template_range(struct str text, int *from, int *to)
{
	struct str low = str_cut(&text, '-');
	int64_t a, b;

	if (!num_i64(low, &a) || a < 0 || a > INT32_MAX)
		return false;
	if (!text.p) {
		*from = 1;
		*to = (int)a;
		return a > 0;
	}
	if (!num_i64(text, &b) || b < a || b > INT32_MAX)
		return false;
	*from = (int)a;
	*to = (int)b;
	return true;
}

#define TEMPLATE_MAX 65536

static bool parse_template(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct addr_fault fault;
	struct addr_conf a;
	struct server_line *first;
	struct str prefix;
	int from, to;
	bool ok;

	if (k->n - k->at < 3)
		return kw_err(k, k->at,
			      "'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments.");
	first = copy_default(k, p);
	prefix = first->name = k->w[k->at];
	ok = name_ok_at(k, k->at, k->w[k->at]);
	if (!template_range(k->w[k->at + 1], &from, &to) || to - from >= TEMPLATE_MAX)
		return kw_err(k, k->at + 1, "Wrong server-template number or range arg '" STR_FMT "'.",
		              STR_ARG(k->w[k->at + 1]));
	if (addr_conf_parse(&a, addr_conf_env(k->w[k->at + 2], k->mem), address_flags(p), STR_NONE, &fault))
		server_take_address(first, &a);
	else
		ok = address_err(k, k->at + 2, first, &fault);
	k->at += 3;
	ok &= take_words(k, first);
	first->flags |= SRV_TEMPLATE;
	for (int i = from; i <= to; i++) {
		struct server_line *s = arena_new(k->mem, struct server_line);

		*s = *first;
		list_init(&s->link);
		s->name = arena_printf(k->mem, STR_FMT "%d", STR_ARG(prefix), i);
		if (i != from) {
			s->id = 0;
			s->guid = STR_NONE;
		}
		add_server(k, s);
	}
	return ok;
}

#define KW(word, scope, fn, ...) { word, scope, .type = KT_PARSE, .parse = fn, .flags = KW_F_MUST, __VA_ARGS__ }
const struct kw model_server[MODEL_SERVER] = {
	KW("server", KW_BACKEND | KW_LISTEN | KW_RING, parse_server, .args = "<name> <address>[:<port>] [<word>...]",
	   .help = "a server"),
	KW("default-server", KW_BE, parse_default, .args = "<word>...",
	   .help = "words for the servers on the lines behind it"),
	KW("server-template", KW_BACKEND | KW_LISTEN, parse_template,
	   .args = "<prefix> <n>|<from>-<to> <name>[:<port>] "
		   "[<word>...]",
	   .help = "several servers alike"),
};
