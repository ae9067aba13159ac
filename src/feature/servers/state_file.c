/* Server-state files: one for all (global), or one for each backend (local); read at start. */
#include "servers_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "weir/base/sbuf.h"
#include "weir/live/srv_restore.h"
#include "weir/sys/file.h"

#define FILE_MAX (64 * 1024 * 1024)
#define LINE_MAX_WORDS (SRV_STATE_FIELDS + 1)

struct state_file {
	struct str text;		/* from malloc; behind the version */
	char path[1024];
};

static struct str next_line(struct str *text)
{
	struct str line = str_cut(text, '\n');

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static int split(struct str line, struct str f[LINE_MAX_WORDS])
{
	int n = 0;

	while (line.p && n < LINE_MAX_WORDS) {
		struct str word = str_cut(&line, ' ');

		if (word.n)
			f[n++] = word;
	}
	return n;
}

/* Lines without the fields that came later are older ones, which go on as if those had not been said. */
static bool fields_of(struct str line, struct str f[LINE_MAX_WORDS])
{
	static const struct str dflt[] = { STR("0"), STR("0"), STR("-"), STR("-"), STR("0") };
	int n = split(line, f);

	if (n < SRV_STATE_FIELDS - 5 || n > SRV_STATE_FIELDS)
		return false;
	for (; n < SRV_STATE_FIELDS; n++)
		f[n] = dflt[n - (SRV_STATE_FIELDS - 5)];
	return true;
}

static bool is_entry(struct str line)
{
	return line.n && line.p[0] != '#';
}

/* The first line that cannot be one, counted behind the version; 0: all are well. */
static int corrupted(const struct state_file *s)
{
	struct str text = s->text, f[LINE_MAX_WORDS];
	int n = 0;

	while (text.p) {
		struct str line = next_line(&text);

		n++;
		if (is_entry(line) && !fields_of(line, f))
			return n;
	}
	return 0;
}

/* Takes the path apart, reads, looks at the version. whose: "Proxy 'x': " or "config: ", which: " global" ... */
static bool open_file(struct state_file *s, struct str base, struct str name, struct diag *d, const char *whose,
		      const char *which)
{
	struct sbuf path = sbuf_fixed(s->path, sizeof(s->path));
	bool global = !*whose;
	struct str text;
	int bad;

	if (base.n && name.n && name.p[0] != '/')
		sbuf_printf(&path, STR_FMT "/", STR_ARG(base));
	sbuf_puts(&path, name);
	sbuf_z(&path);
	if (!file_read(str_c(s->path), FILE_MAX, &s->text)) {
		diag_say(d, DIAG_WARNING, "%sCan't open %sserver state file '%s': %s%s", global ? "config: " : whose,
			 which, s->path, strerror(errno), global ? "" : ".");
		return false;
	}
	text = s->text;
	if (!str_eq(next_line(&text), STR("1"))) {
		diag_say(d, DIAG_WARNING, "%sCan't get version of the %sserver state file '%s'.",
			 global ? "config: " : whose, which, s->path);
		free((char *)s->text.p);
		return false;
	}
	memmove((char *)s->text.p, text.p ? text.p : "", text.n);
	s->text.n = text.n;
	bad = corrupted(s);
	if (bad) {
		diag_say(d, DIAG_WARNING, "%scorrupted %sserver state file '%s' at line %d.",
			 global ? "config: " : whose, which, s->path, bad);
		free((char *)s->text.p);
	}
	return !bad;
}

static void apply_line(struct px_live *p, const struct str *f, struct diag *d)
{
	char mem[1024];
	struct sbuf said = sbuf_fixed(mem, sizeof(mem));
	struct srv *s = live_server(p, f[3]);
	bool done;

	if (!s)
		return;
	done = srv_restore(s, f, &said);
	if (said.n)
		diag_say(d, DIAG_WARNING, "server-state %s for server '" STR_FMT "/" STR_FMT "'%s",
			 done ? "partially applied" : "application failed", STR_ARG(p->name), STR_ARG(s->name),
			 sbuf_z(&said));
}

static void apply(struct px_live *p, const struct state_file *s, struct diag *d)
{
	struct str text = s->text, f[LINE_MAX_WORDS];

	while (text.p) {
		struct str line = next_line(&text);

		if (is_entry(line) && fields_of(line, f) && str_eq(f[1], p->name))
			apply_line(p, f, d);
	}
	lb_rebuild(p);
}

static void load_local(struct px_live *p, struct str base, struct diag *d)
{
	struct state_file own;
	char whose[300];
	struct sbuf b = sbuf_fixed(whose, sizeof(whose));

	sbuf_printf(&b, "Proxy '" STR_FMT "': ", STR_ARG(p->name));
	if (!open_file(&own, base, p->px->state_file.n ? p->px->state_file : p->name, d, sbuf_z(&b), ""))
		return;
	apply(p, &own, d);
	free((char *)own.text.p);
}

void servers_load_states(const struct conf *c, struct diag *d)
{
	const struct global *g = &c->global;
	struct state_file all = { .text = STR_NONE };
	bool parsing = d->parsing, have;
	struct px_live *p;

	d->parsing = true;	/* its faults are told of like those of the configuration */
	have = g->server_state_file.n &&
		    open_file(&all, g->server_state_base, g->server_state_file, d, "", "global ");

	list_each(p, &live_get()->proxies, link) {
		if (!(p->caps & PR_BE) || p->disabled)
			continue;
		if (p->px->load_state == LS_LOCAL)
			load_local(p, g->server_state_base, d);
		else if (p->px->load_state == LS_GLOBAL && have)
			apply(p, &all, d);
		else if (p->px->load_state == LS_GLOBAL && !g->server_state_file.n)
			diag_say(d, DIAG_WARNING,
				 "backend '" STR_FMT "' configured to load server state file from global section "
				 "'server-state-file' directive. Unfortunately, 'server-state-file' is not set!",
				 STR_ARG(p->name));
	}
	if (have)
		free((char *)all.text.p);
	d->parsing = parsing;
}
