/* `cookie` and `dynamic-cookie-key`. */
#include "model.h"
#include "rows.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "weir/base/hash.h"
#include "weir/base/hmap.h"
#include "weir/base/num.h"
#include "weir/base/sbuf.h"

#define OPTIONS                                                                                                      \
	"'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', 'dynamic', "         \
	"'maxlife' "                                                                                                 \
	"and 'attr'"

static const struct { const char *name; uint8_t mode; unsigned flag; } plain[] = {
	{ "rewrite", COOKIE_REWRITE, 0 }, { "insert", COOKIE_INSERT, 0 }, { "prefix", COOKIE_PREFIX, 0 },
	{ "indirect", 0, CK_INDIRECT }, { "nocache", 0, CK_NOCACHE }, { "postonly", 0, CK_POSTONLY },
	{ "preserve", 0, CK_PRESERVE }, { "httponly", 0, CK_HTTPONLY }, { "secure", 0, CK_SECURE },
	{ "dynamic", 0, CK_DYNAMIC },
};

struct modes { unsigned seen; };

static bool take_plain(struct kw_call *k, struct cookie_words *c, struct modes *m)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		if (!str_eqz(kw_peek(k), plain[i].name))
			continue;
		k->at++;
		c->flags |= plain[i].flag;
		if (plain[i].mode) {
			c->mode = plain[i].mode;
			m->seen |= 1u << plain[i].mode;
		}
		return true;
	}
	return false;
}

static bool take_domain(struct kw_call *k, struct cookie_words *c)
{
	struct str word = kw_peek(k);

	if (!word.n)
		return kw_err(k, k->at, "'domain' expects <domain> as argument.");
	if (str_chr(str_skip(word, 1), '.') == (size_t)-1)
		kw_warn(k, k->at,
			"domain '" STR_FMT "' contains no embedded dot, this configuration may not work properly "
					   "(see "
			"RFC6265#5.2.3).",
			STR_ARG(word));
	for (size_t i = 0; i < word.n; i++)
		if (!isalnum((unsigned char)word.p[i]) && word.p[i] != '.' && word.p[i] != '-')
			return kw_err_at(k, k->at, word.p + i,
					 "character '%c' is not permitted in domain name '" STR_FMT "'.", word.p[i],
					 STR_ARG(word));
	c->domain = arena_printf(k->mem, STR_FMT "; domain=" STR_FMT, STR_ARG(c->domain), STR_ARG(word));
	k->at++;
	return true;
}

static bool take_attr(struct kw_call *k, struct cookie_words *c)
{
	struct str word = kw_peek(k);

	if (!word.n)
		return kw_err(k, k->at, "'attr' expects <value> as argument.");
	for (size_t i = 0; i < word.n; i++)
		if (iscntrl((unsigned char)word.p[i]) || word.p[i] == ';')
			return kw_err_at(k, k->at, word.p + i,
					 "character '%%x%02X' is not permitted in attribute value.",
					 (unsigned char)word.p[i]);
	c->attr = arena_printf(k->mem, STR_FMT "; " STR_FMT, STR_ARG(c->attr), STR_ARG(word));
	k->at++;
	return true;
}

static bool take_seconds(struct kw_call *k, const char *name, const char *what, unsigned *out)
{
	struct str word = kw_peek(k);
	const char *bad = NULL;
	uint64_t v;

	if (!word.n)
		return kw_err(k, k->at, "'%s' expects <%s> in seconds as argument.", name, what);
	switch (num_time(word, TIME_S, TIME_S, &v, &bad)) {
	case NUM_OK:
		break;
	case NUM_OVER:
		return kw_err(k, k->at,
			      "timer overflow in argument <" STR_FMT "> to <%s>, maximum value is 2147483647 s "
			      "(~68 years).",
			      STR_ARG(word), name);
	case NUM_BAD:
		return kw_err_at(k, k->at, bad, "unexpected character '%c' in argument to <%s>.",
				 bad && *bad ? *bad : ' ', name);
	}
	*out = (unsigned)v;
	k->at++;
	return true;
}

static bool take_option(struct kw_call *k, struct cookie_words *c, struct modes *m)
{
	static const char *const words[] = { "rewrite", "insert", "prefix", "indirect", "nocache", "postonly",
					     "preserve", "httponly", "secure", "dynamic", "domain", "attr", "maxidle",
					     "maxlife", NULL };

	if (take_plain(k, c, m))
		return true;
	if (kw_take_if(k, "domain"))
		return take_domain(k, c);
	if (kw_take_if(k, "attr"))
		return take_attr(k, c);
	if (kw_take_if(k, "maxidle"))
		return take_seconds(k, "maxidle", "idletime", &c->maxidle);
	if (kw_take_if(k, "maxlife"))
		return take_seconds(k, "maxlife", "lifetime", &c->maxlife);
	kw_hint_near(k, kw_peek(k), words);
	return kw_err(k, k->at, "'cookie' supports " OPTIONS " options.");
}

static bool parse_cookie(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct cookie_words c = { .dyn_key = p->cookie.dyn_key };
	struct modes m = { 0 };

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'cookie' expects <cookie_name> as argument.");
	c.name = k->w[k->at++];
	while (kw_more(k))
		if (!take_option(k, &c, &m))
			return false;
	if (m.seen & 1u << COOKIE_REWRITE && c.flags & CK_INDIRECT)
		return kw_err(k, 0, "cookie 'rewrite' and 'indirect' modes are incompatible.");
	if (m.seen & (m.seen - 1))
		return kw_err(k, 0, "cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.");
	if (c.flags & CK_PRESERVE && !(c.flags & CK_INDIRECT) && c.mode != COOKIE_INSERT)
		return kw_err(k, 0, "cookie 'preserve' requires at least 'insert' or 'indirect'.");
	p->cookie = c;
	return true;
}

static bool parse_key(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'dynamic-cookie-key' expects <secret_key> as argument.");
	kw_proxy(k)->cookie.dyn_key = k->w[k->at++];
	return true;
}

/* --- dynamic cookies --- */

uint64_t cookie_dynamic_value(struct str key, const struct addr *a)
{
	char mem[1024];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	uint32_t port = htonl(addr_port(a));

	if (!key.n)
		return 0;
	sbuf_puts(&b, str_head(key, sizeof(mem) - 32));
	if (addr_family(a) == AF_INET)
		sbuf_put(&b, &a->in4.sin_addr, 4);
	else if (addr_family(a) == AF_INET6)
		sbuf_put(&b, &a->in6.sin6_addr, 16);
	sbuf_put(&b, &port, sizeof(port));
	return hash_xxh64(sbuf_str(&b), 0);
}

void cookies_check(struct loader *ld, const struct proxy *p)
{
	struct hmap seen = { 0 };
	const struct server_line *s;
	struct arena mem;

	arena_init(&mem, 4096);
	list_each(s, &p->servers, link) {
		uint64_t v = cookie_dynamic_value(p->cookie.dyn_key, &s->addr);

		if (!(p->cookie.flags & CK_DYNAMIC) || s->cookie.n || !v)
			continue;
		if (hmap_put(&seen, arena_printf(&mem, "%016llx", (unsigned long long)v), (void *)s))
			diag_say(ld->diag, DIAG_WARNING,
				 "We generated two equal cookies for two different servers.\n"
				 "Please change the secret key for '" STR_FMT "'.",
				 STR_ARG(p->name));
	}
	hmap_fini(&seen);
	arena_fini(&mem);
}

const struct kw model_cookie[MODEL_COOKIE] = {
	{ "cookie", KW_BE, .type = KT_PARSE, .parse = parse_cookie, .args = "<name> [<option>...]",
	  .help = "cookie that keeps a client on its server" },
	{ "dynamic-cookie-key", KW_BE, .type = KT_PARSE, .parse = parse_key, .args = "<key>",
	  .help = "secret from which dynamic cookies of servers are made" },
};
