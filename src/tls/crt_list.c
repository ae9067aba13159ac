/* crt-list files: a certificate a line, perhaps options in brackets, perhaps the names that it answers to:
 *
 *	www.pem [alpn h2 verify none] www.example.com *.example.org !no.example.org
 *
 * Lines with the same options share a context. */
#include "front_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/pool.h"
#include "weir/sys/file.h"

#define LIST_MAX (64 << 20)

struct list_line {
	struct front_load *l;
	const char *file;
	int line;
	char *options;			/* words in brackets, or NULL */
	const char *key, *ocsp;		/* of the certificate, said among the options */
};

static bool wrong(struct list_line *at, const char *what, struct str word)
{
	tls_fault_set(at->l->why, "parsing [%s:%d]: %s '%.*s'.", at->file, at->line, what, STR_ARG(word));
	return false;
}

/* Blanks cut words; each gets a NUL behind it. */
static struct str next_word(char **p)
{
	char *from;

	*p += strspn(*p, " \t\r");
	from = *p;
	*p += strcspn(*p, " \t\r");
	if (**p)
		*(*p)++ = 0;
	return str_c(from);
}

/* --- options --- */

static const struct list_text { const char *name; size_t offset;
} texts[] = {
	{ "ca-file", offsetof(struct tls_common, ca_file) },
	{ "ca-verify-file", offsetof(struct tls_common, ca_verify_file) },
	{ "crl-file", offsetof(struct tls_common, crl_file) },
	{ "ciphers", offsetof(struct tls_common, ciphers) },
	{ "ciphersuites", offsetof(struct tls_common, ciphersuites) },
	{ "curves", offsetof(struct tls_common, curves) },
	{ "ecdhe", offsetof(struct tls_common, ecdhe) },
	{ "sigalgs", offsetof(struct tls_common, sigalgs) },
	{ "client-sigalgs", offsetof(struct tls_common, client_sigalgs) },
};
static const struct { const char *name; unsigned bits; bool on; } flags[] = {
	{ "allow-0rtt", TLS_EARLY_DATA, true }, { "no-ca-names", TLS_NO_CA_NAMES, true },
	{ "no-tls-tickets", TLS_NO_TICKETS, true }, { "tls-tickets", TLS_NO_TICKETS, false },
	{ "prefer-client-ciphers", TLS_PREFER_CLIENT, true },
};

static struct str *text_option(struct tls_common *c, struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (str_eqz(word, texts[i].name))
			return (struct str *)((char *)c + texts[i].offset);
	return NULL;
}

static bool flag_option(struct tls_common *c, struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (str_eqz(word, flags[i].name)) {
			c->options = flags[i].on ? c->options | flags[i].bits : c->options & ~flags[i].bits;
			return true;
		}
	return false;
}

static uint8_t choice(struct str word, const char *const *names)
{
	for (uint8_t i = 0; names[i]; i++)
		if (str_eqz(word, names[i]))
			return (uint8_t)(i + 1);
	return 0;
}

static bool valued_option(struct list_line *at, struct tls_common *c, struct str *alpn, struct str word,
			  struct str value)
{
	static const char *const versions[] = { "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", NULL };
	static const char *const verify[] = { "none", "optional", "required", NULL };
	struct str *text = text_option(c, word);
	uint8_t *to = NULL;

	if (!value.n)
		return wrong(at, "unknown ssl keyword or missing argument", word);
	if (text) {
		*text = value;
	} else if (str_eqz(word, "alpn")) {
		*alpn = value;
	} else if (str_eqz(word, "key")) {
		at->key = value.p;
	} else if (str_eqz(word, "ocsp")) {
		at->ocsp = value.p;
	} else if (str_eqz(word, "verify")) {
		to = &c->verify;
		*to = choice(value, verify);
	} else if (str_eqz(word, "ssl-min-ver") || str_eqz(word, "ssl-max-ver")) {
		to = word.p[5] == 'i' ? &c->min : &c->max;
		*to = choice(value, versions);
	} else if (!str_eqz(word, "issuer") && !str_eqz(word, "sctl") && !str_eqz(word, "ocsp-update")) {
		return wrong(at, "unknown ssl keyword", word);
	}
	return !to || *to || wrong(at, "bad value", value);
}

/* "h2,http/1.1" to the form of the wire, in place: there is one byte for each comma and one in front of the word. */
static struct str to_wire(struct str text, char *buf, size_t size)
{
	struct str out = { buf, 0 };

	while (text.p) {
		struct str one = str_cut(&text, ',');

		if (!one.n || one.n > 255 || out.n + one.n + 1 > size)
			continue;
		buf[out.n] = (char)one.n;
		memcpy(buf + out.n + 1, one.p, one.n);
		out.n += one.n + 1;
	}
	return out;
}

static struct tls_site *make_site(struct list_line *at, char *text)
{
	struct tls_common c = at->l->words->c;
	struct str alpn_text = STR_NONE, alpn = at->l->alpn;
	struct tls_site *s;
	char wire[512], *p = text;

	for (struct str w; (w = next_word(&p)).n;) {
		if (flag_option(&c, w))
			continue;
		if (str_eqz(w, "no-alpn"))
			alpn = STR_NONE;
		else if (!valued_option(at, &c, &alpn_text, w, next_word(&p)))
			return NULL;
	}
	if (alpn_text.n)
		alpn = to_wire(alpn_text, wire, sizeof(wire));
	s = front_site(at->l, &c, alpn);
	if (s)
		s->text = text;
	return s;
}

/* Words about the certificate itself make no context of their own. */
static struct tls_site *site_of(struct list_line *at)
{
	struct hmap *seen = &at->l->seen;
	struct tls_site *s;
	char *name, *text;

	if (!at->options || !at->options[strspn(at->options, " \t")])
		return at->l->front->base;
	s = hmap_get(seen, str_c(at->options));
	if (s && !strstr(at->options, "key ") && !strstr(at->options, "ocsp "))
		return s;
	name = mem_strdup(at->options);
	text = mem_strdup(at->options);
	s = make_site(at, text);
	if (!s) {
		free(name);
		free(text);
		return NULL;
	}
	if (hmap_put(seen, str_c(name), s))
		free(name);
	return s;
}

/* --- lines --- */

static bool take_entry(struct list_line *at, struct str crt, char *names)
{
	struct tls_site *site = site_of(at);
	struct tls_entry *e;
	bool any = false;

	if (!site)
		return false;
	e = front_entry(at->l, site, crt.p, at->line);
	if (!front_load_crt(at->l, e, crt, at->key, at->ocsp))
		return false;
	for (struct str w; (w = next_word(&names)).n;) {
		if (w.p[0] == '#')
			break;
		tls_names_add(&at->l->front->names, w, e);
		any |= w.p[0] != '!';
	}
	if (!any)
		front_entry_names(at->l, e);
	return true;
}

static bool take_line(struct list_line *at, char *p)
{
	struct str crt;
	char *end;

	p += strspn(p, " \t\r");
	if (!*p || *p == '#')
		return true;
	crt = next_word(&p);
	p += strspn(p, " \t\r");
	at->options = NULL;
	at->key = at->ocsp = NULL;
	if (*p == '[') {
		end = strchr(p, ']');
		if (!end)
			return wrong(at, "no closing bracket behind", crt);
		*end = 0;
		at->options = p + 1;
		p = end + 1;
	}
	return take_entry(at, crt, p);
}

bool front_crt_list(struct front_load *l, struct str path)
{
	struct list_line at = { .l = l, .file = path.p };
	struct str text;
	bool ok = true;

	if (!file_read(path, LIST_MAX, &text)) {
		tls_fault_set(l->why, "unable to load crt-list file '%s': %s.", path.p, strerror(errno));
		return false;
	}
	for (char *p = (char *)text.p, *end; ok && p && *p; p = end) {
		end = strchr(p, '\n');
		if (end)
			*end++ = 0;
		at.line++;
		ok = take_line(&at, p);
	}
	free((void *)text.p);
	return ok;
}
