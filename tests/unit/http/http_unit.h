/* A head read from text, for the tests of this floor. */
#ifndef TESTS_UNIT_HTTP_H
#define TESTS_UNIT_HTTP_H

#include "tests/unit/unit.h"
#include "weir/base/sbuf.h"
#include "weir/http/framing.h"
#include "weir/http/h1_read.h"

static const struct h1_opts http_opts __attribute__((unused)) = { .max_head = 8192, .max_fields = 20 };

/* What a test reads into; the arena goes with the process of the test (Check forks), but tidily all the same. */
struct head {
	struct arena mem;
	struct msg m;
	struct fault fault;
	size_t used;
	char *text;
	enum h1_result r;
};

static inline void head_fini(struct head *h)
{
	arena_fini(&h->mem);
	free(h->text);
}

static inline void head_read_n(struct head *h, bool response, const char *p, size_t n, const struct h1_opts *o)
{
	struct h1_head progress = { 0 };

	*h = (struct head){ .text = malloc(n + 1) };
	memcpy(h->text, p, n);
	arena_init(&h->mem, 4096);
	msg_init(&h->m, response, &h->mem);
	h->r = h1_read_head(&progress, h->text, n, o, &h->m, &h->used, &h->fault);
}

static inline void head_read(struct head *h, bool response, const char *text)
{
	head_read_n(h, response, text, strlen(text), &http_opts);
}

/* "name: value|name: value" of the live fields. */
static inline const char *head_fields(const struct msg *m)
{
	static char out[2048];
	struct sbuf b = sbuf_fixed(out, sizeof(out));

	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED))
			sbuf_printf(&b, "%s" STR_FMT ": " STR_FMT, b.n ? "|" : "",
				    STR_ARG(field_name_str(&m->f[i])), STR_ARG(field_value_str(&m->f[i])));
	return sbuf_z(&b);
}

#define ck_str(s, z) ck_assert_msg(str_eq((s), str_c(z)), "'" STR_FMT "' is not '%s'", STR_ARG(s), (z))

#endif
