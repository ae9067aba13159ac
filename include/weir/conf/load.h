/* Reading configuration files: lines, conditional blocks, sections, keywords. It knows no frontend and no server: what
 * a section is, the floors above say by rows. */
#ifndef WEIR_CONF_LOAD_H
#define WEIR_CONF_LOAD_H

#include "weir/base/hmap.h"
#include "weir/base/list.h"
#include "weir/conf/cond.h"
#include "weir/conf/diag.h"
#include "weir/conf/kw.h"
#include "weir/conf/lex.h"

struct section_row {
	const char *name;		/* "frontend" */
	uint32_t scope;			/* KW_*: of the keywords inside */
	/* The section's first line (w[0] is the name, k->at 1): sets k->ld->obj. False: reported; lines inside are
	 * read all the same when obj was set, else skipped. NULL: known to HAProxy, not built. */
	bool (*begin)(struct kw_call *k);
	bool (*line)(struct kw_call *k);	/* NULL: rows of the scope */
	void (*end)(struct loader *ld, void *obj);	/* may be NULL; obj is not NULL */
	const char *args, *help;
};
struct section_table { const struct section_row *rows; size_t n; };

/* Everything that can be said, set once by boot before the first load and only read from then on. */
struct conf_registry {
	const struct kw_table *keywords;	/* ended by rows == NULL */
	const struct section_table *sections;	/* ended by rows == NULL */
	const struct conf_facts *facts;
	/* Asked when no row of the scope fits: if the keyword belongs elsewhere it says so, or warns, and returns true.
	 * NULL or false: reported as unknown. */
	bool (*misplaced)(struct kw_call *k);
	/* Asked, with the generation, when all files were read and names were resolved: for modules above the model
	 * that have something to complete or to refuse. NULL-ended, or NULL. */
	bool (*const *settle)(struct loader *ld, void *conf);
	/* The same for one server line that was added later (struct server_line). */
	bool (*const *settle_server)(struct loader *ld, void *line);
};
void conf_register(const struct conf_registry *r);
void conf_unregister(void);	/* at the end of the process */
const struct conf_registry *conf_registered(void);

#define LOADER_CONDS 100
struct loader {
	struct diag *diag;
	struct arena *mem;		/* of the generation: words and values live there */
	void *conf;			/* the generation itself (struct conf * of the model) */
	bool experimental;		/* expose-experimental-directives was said */

	/* the line being read */
	const char *file;
	int line;
	struct str text;
	struct lex lex;
	int shift;			/* words taken from the front (no, default) */
	char hint[256];
	bool line_failed;

	/* the section being read */
	const struct section_row *section;
	void *obj;			/* what its rows apply to; NULL: skip its lines */
	void *proxy;			/* what k->proxy is for rows inside */
	struct str name;		/* its name, for ${.SECTION} */

	struct list later;		/* checks to run at the end */
	/* Asked when a file was opened, before its first line, and (NULL) before one is opened; or NULL. */
	void (*enter)(struct loader *ld, const char *file);
	int errors;			/* of this load */
	char line_text[16];
	int nconds;			/* open .if blocks */
	uint8_t conds[LOADER_CONDS];	/* state of each */
};

void loader_init(struct loader *ld, struct diag *d, struct arena *mem, void *conf);
void loader_fini(struct loader *ld);
/* Reads one file ("-" is standard input) or text under a name. False: it could not be read (reported). Mistakes inside
 * are counted in ld->errors. The name must live as long as the generation. */
bool loader_file(struct loader *ld, const char *name);
void loader_text(struct loader *ld, const char *name, struct str text);
/* Runs what kw_later collected. */
void loader_finish(struct loader *ld);
/* A mistake found outside of any line: HAProxy's words without prefix. */
bool loader_err(struct loader *ld, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A mistake at a line that was read before. Returns false. */
bool loader_err_line(struct loader *ld, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Files behind one -f: the file itself, or a directory's *.cfg in C order. Appended to v (grown with mem_realloc, each
 * name by mem_strdup). False: reported. */
bool conf_files(struct diag *d, const char *path, char ***v, int *n);

/* All sections and keywords, for -dK: fn is called for each row with its scopes. */
void conf_each_kw(void (*fn)(const struct kw *row, uint32_t scopes, void *arg), void *arg);
const struct section_row *conf_section_find(struct str name);
const char *conf_section_near(struct str word);	/* NULL: none is */
/* "global", "frontend" ... for one scope bit. */
const char *conf_scope_name(uint32_t scope);

#endif
