/* crt-list files: a certificate a line, perhaps options in brackets, perhaps the names that it answers to:
 *
 *	www.pem [alpn h2 verify none] www.example.com *.example.org !no.example.org
 *
 * A file is read once for all bind lines with it; its lines are kept for the commands that show and change them. On one
 * bind, lines with the same options share a context. */
#include "front_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/pool.h"
#include "weir/sys/file.h"

#define LIST_MAX (64 << 20)

/* Where words are read. */
struct list_at {
	struct front_load *l;
	const char *file;
	int line;
	struct tls_paths said;		/* parts of the certificate, named among the options */
};

static bool wrong(struct list_at *at, const char *what, struct str word)
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

static const struct list_text { const char *name; size_t offset; } texts[] = {
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
/* Parts of the certificate. */
static const struct list_text parts[] = {
	{ "key", offsetof(struct tls_paths, key) },
	{ "ocsp", offsetof(struct tls_paths, ocsp) },
	{ "issuer", offsetof(struct tls_paths, issuer) },
	{ "sctl", offsetof(struct tls_paths, sctl) },
};

static void *in_table(const struct list_text *rows, size_t n, void *base, struct str word)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(word, rows[i].name))
			return (char *)base + rows[i].offset;
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

/* Words about the certificate. False: another word. */
static bool part_option(struct list_at *at, struct str word, struct str value, bool *good)
{
	static const char *const on_off[] = { "off", "on", NULL };
	const char **to = in_table(parts, ARRAY_LEN(parts), &at->said, word);
	uint8_t n;

	*good = true;
	if (to) {
		*to = value.p;
		return true;
	}
	if (!str_eqz(word, "ocsp-update"))
		return false;
	n = choice(value, on_off);
	at->said.update = n == 2 ? 1 : -1;
	*good = n || wrong(at, "'ocsp-update' expects <on|off>, not", value);
	return true;
}

static bool valued_option(struct list_at *at, struct tls_common *c, struct str *alpn, struct str word,
			  struct str value)
{
	static const char *const versions[] = { "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3", NULL };
	static const char *const verify[] = { "none", "optional", "required", NULL };
	struct str *text = in_table(texts, ARRAY_LEN(texts), c, word);
	uint8_t *to;
	bool good;

	if (!value.n)
		return wrong(at, "unknown ssl keyword or missing argument", word);
	if (part_option(at, word, value, &good))
		return good;
	if (text) {
		*text = value;
		return true;
	}
	if (str_eqz(word, "alpn")) {
		*alpn = value;
		return true;
	}
	if (str_eqz(word, "verify")) {
		to = &c->verify;
		*to = choice(value, verify);
	} else if (str_eqz(word, "ssl-min-ver") || str_eqz(word, "ssl-max-ver")) {
		to = word.p[5] == 'i' ? &c->min : &c->max;
		*to = choice(value, versions);
	} else {
		return wrong(at, "unknown ssl keyword", word);
	}
	return *to || wrong(at, "bad value", value);
}

/* "h2,http/1.1" to the form of the wire: there is one byte for each comma and one in front of the word. */
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

/* What the options say, whether a context is to be made from it or not. */
static bool read_options(struct list_at *at, char *text, struct tls_common *c, struct str *alpn, bool *plain)
{
	char *p = text;

	*plain = true;		/* nothing in it needs a context of its own */
	for (struct str w; (w = next_word(&p)).n;) {
		if (in_table(parts, ARRAY_LEN(parts), &at->said, w) || str_eqz(w, "ocsp-update")) {
			if (!valued_option(at, c, alpn, w, next_word(&p)))
				return false;
			continue;
		}
		*plain = false;
		if (flag_option(c, w))
			continue;
		if (str_eqz(w, "no-alpn"))
			*alpn = STR("");
		else if (!valued_option(at, c, alpn, w, next_word(&p)))
			return false;
	}
	return true;
}

static struct tls_site *same_site(const struct front_load *l, const char *options)
{
	for (struct tls_site *s = l->front->sites; s; s = s->next)
		if (s->options && !strcmp(s->options, options))
			return s;
	return NULL;
}

/* at->said is filled in any case. text: a copy of the options, taken over. */
static struct tls_site *site_of(struct list_at *at, const char *options, char *text)
{
	struct front_load *l = at->l;
	struct tls_common c = l->words->c;
	struct str alpn = STR_NONE;
	struct tls_site *s;
	char wire[512];
	bool plain;

	if (!read_options(at, text, &c, &alpn, &plain))
		return NULL;
	s = plain ? l->front->base : same_site(l, options);
	if (s)
		return s;
	s = front_site(l, &c, alpn.p ? to_wire(alpn, wire, sizeof(wire)) : l->alpn);
	if (s)
		s->options = mem_strdup(options);
	return s;
}

/* --- lines --- */

struct tls_entry *front_list_entry(struct front_load *l, struct tls_list_line *line, const char *file)
{
	struct list_at at = { .l = l, .file = file, .line = line->line };
	char *text = line->options ? mem_strdup(line->options) : NULL;
	struct tls_site *first = l->front->sites, *site = l->front->base;
	struct tls_entry *e = NULL;
	bool ok;

	at.said.update = l->words->ocsp_update;
	if (text)
		site = site_of(&at, line->options, text);
	if (site) {
		e = front_entry(l, site);
		e->names = line->names ? mem_strdup(line->names) : NULL;
		e->line = line;
		list_push(&line->uses, &e->list_link);
	}
	ok = e && front_load_crt(l, e, str_c(line->crt), &at.said);
	if (l->front->sites != first)
		l->front->sites->text = text;	/* a new one, its words point into the text */
	else
		free(text);
	return ok ? e : NULL;
}

void front_list_line_free(struct tls_list_line *line)
{
	list_del(&line->link);
	free(line->crt);
	free(line->options);
	free(line->names);
	free(line);
}

/* Words with one space between them, up to a comment; NULL: none. */
static char *squeeze(char *p)
{
	char *out = mem_alloc(strlen(p) + 1), *to = out;

	for (struct str w; (w = next_word(&p)).n && w.p[0] != '#';) {
		if (to != out)
			*to++ = ' ';
		memcpy(to, w.p, w.n);
		to += w.n;
	}
	*to = 0;
	if (to != out)
		return out;
	free(out);
	return NULL;
}

/* The certificate's name; *options: what is behind a bracket that follows, if one does, with or without blanks. */
static struct str first_word(char **p, char **options)
{
	char *from = *p;

	*p += strcspn(*p, " \t\r[");
	if (**p && **p != '[')
		*(*p)++ = 0;
	*p += strspn(*p, " \t\r");
	if (**p == '[') {
		*(*p)++ = 0;
		*options = *p;
	}
	return str_c(from);
}

struct tls_list_line *front_list_line(struct front_load *l, char *p, const char *file, int line, bool *empty)
{
	struct list_at at = { .l = l, .file = file, .line = line };
	struct tls_list_line *out;
	struct str crt;
	char *end, *options = NULL, *names;

	p += strspn(p, " \t\r");
	*empty = !*p || *p == '#';
	if (*empty)
		return NULL;
	crt = first_word(&p, &options);
	end = options ? strchr(options, ']') : p;
	if (!end) {
		wrong(&at, "no closing bracket behind", crt);
		return NULL;
	}
	if (options)
		*end++ = 0;
	names = squeeze(end);
	if ((options && strchr(options, '[')) || (names && strpbrk(names, "[]"))) {
		wrong(&at, "brackets in the wrong place behind", crt);
		free(names);
		return NULL;
	}
	out = mem_zalloc(sizeof(*out));
	list_init(&out->link);
	list_init(&out->uses);
	out->crt = mem_strdup(crt.p);
	out->line = line;
	out->options = options ? squeeze(options) : NULL;
	out->names = names;
	return out;
}

/* --- files --- */

static struct tls_list *create_list(struct tls_files *files, struct str name)
{
	struct tls_list *list = mem_zalloc(sizeof(*list));

	list->name = mem_strdup(name.p);
	list_init(&list->lines);
	hmap_put(&files->lists, str_c(list->name), list);
	return list;
}

/* Lines that stand in the configuration itself. */
static struct tls_list *take_lines(struct front_load *l, struct str name, const struct tls_line *lines)
{
	struct tls_list *list = create_list(l->files, name);
	struct tls_list_line *one;
	bool empty;

	for (; lines; lines = lines->next) {
		char *text = mem_strdup(lines->text.p);

		one = front_list_line(l, text, lines->file, lines->line, &empty);
		free(text);
		if (!one)
			return NULL;
		list->last = lines->line;
		list_push(&list->lines, &one->link);
	}
	return list;
}

/* HAProxy refuses it, because it looks like a file that was written in part. */
static bool no_line_feed(struct front_load *l, const struct tls_list *list, size_t n)
{
	tls_fault_set(l->why, "parsing [%s:%d]: Missing LF on last line, file might have been truncated at position "
		      "%zu.", list->name, list->last, n + 1);
	return false;
}

static struct tls_list *read_list(struct front_load *l, struct str path)
{
	struct tls_list *list;
	struct str text;
	bool ok = true;

	if (!file_read(path, LIST_MAX, &text)) {
		tls_fault_set(l->why, "unable to load crt-list file '%s': %s.", path.p, strerror(errno));
		return NULL;
	}
	list = create_list(l->files, path);
	for (char *p = (char *)text.p, *end; ok && *p; p = end) {
		struct tls_list_line *line;
		bool empty;

		list->last++;
		end = strchr(p, '\n');
		if (!end) {
			ok = no_line_feed(l, list, strlen(p));
			break;
		}
		*end++ = 0;
		line = front_list_line(l, p, list->name, list->last, &empty);
		if (line)
			list_push(&list->lines, &line->link);
		ok = line || empty;
	}
	free((void *)text.p);
	return ok ? list : NULL;
}

bool front_crt_list(struct front_load *l, const struct tls_crt *c)
{
	struct tls_list *list = hmap_get(&l->files->lists, c->path);
	struct tls_list_line *line;

	if (!list)
		list = c->lines ? take_lines(l, c->path, c->lines) : read_list(l, c->path);
	if (!list)
		return false;
	list_each(line, &list->lines, link) {
		struct tls_entry *e = front_list_entry(l, line, list->name);

		if (!e)
			return false;
		tls_entry_show(e);
	}
	return true;
}
