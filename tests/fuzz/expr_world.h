/* What the fuzzers of the expression language share: all rows, a scope, a message from bytes. */
#ifndef FUZZ_EXPR_WORLD_H
#define FUZZ_EXPR_WORLD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "weir/base/assert.h"
#include "weir/base/obj.h"
#include "weir/base/sbuf.h"
#include "weir/expr/compile.h"
#include "weir/expr/conv.h"
#include "weir/expr/pattern.h"
#include "weir/expr/rows.h"
#include "weir/expr/rule.h"
#include "weir/expr/vars.h"
#include "weir/http/h1_read.h"

static const struct fetch_table fuzz_fetches[] = {
	{ fetch_auth_rows, FETCH_AUTH_ROWS },
	{ fetch_cook_rows, FETCH_COOK_ROWS },
	{ fetch_hdr_rows, FETCH_HDR_ROWS },
	{ fetch_head_rows, FETCH_HEAD_ROWS },
	{ fetch_intern_rows, FETCH_INTERN_ROWS },
	{ fetch_param_rows, FETCH_PARAM_ROWS },
	{ fetch_payload_rows, FETCH_PAYLOAD_ROWS },
	{ fetch_hello_rows, FETCH_HELLO_ROWS },
	{ NULL, 0 },
};
static const struct conv_table fuzz_convs[] = {
	{ conv_int_rows, CONV_INT_ROWS }, { conv_text_rows, CONV_TEXT_ROWS }, { conv_field_rows, CONV_FIELD_ROWS },
	{ conv_bytes_rows, CONV_BYTES_ROWS }, { conv_enc_rows, CONV_ENC_ROWS }, { conv_hash_rows, CONV_HASH_ROWS },
	{ conv_addr_rows, CONV_ADDR_ROWS }, { conv_date_rows, CONV_DATE_ROWS }, { conv_map_rows, CONV_MAP_ROWS },
	{ conv_var_rows, CONV_VAR_ROWS }, { conv_forwarded_rows, CONV_FORWARDED_ROWS },
	{ conv_packet_rows, CONV_PACKET_ROWS }, { conv_crypto_rows, CONV_CRYPTO_ROWS },
	{ conv_x509_rows, CONV_X509_ROWS }, { conv_protobuf_rows, CONV_PROTOBUF_ROWS },
	{ conv_mqtt_rows, CONV_MQTT_ROWS }, { conv_fix_rows, CONV_FIX_ROWS }, { NULL, 0 },
};
static const struct action_table fuzz_actions[] = {
	{ act_map_rows, ACT_MAP_ROWS }, { act_msg_rows, ACT_MSG_ROWS },
	{ act_bin_rows, ACT_BIN_ROWS }, { act_uri_rows, ACT_URI_ROWS },
	{ act_var_rows, ACT_VAR_ROWS }, { NULL, 0 },
};
static const struct expr_tables fuzz_tables = { fuzz_fetches, fuzz_convs, fuzz_actions };

struct fuzz_world {
	struct arena conf, mem;
	struct list acls, todo;
	struct xscope sc;
	struct xctx x;
	struct msg req;
	struct vars vars[VAR_SCOPES];
	struct load_err err;
};

static inline void fuzz_open(struct fuzz_world *w)
{
	memset(w, 0, sizeof(*w));
	arena_init(&w->conf, 4096);
	arena_init(&w->mem, 4096);
	list_init(&w->acls);
	list_init(&w->todo);
	w->sc = (struct xscope){ .experimental = true,
				 .mem = &w->conf, .file = "fuzz", .use = ~0U, .where = "", .pats = pat_refs_create(),
				 .acls = &w->acls, .unresolved = &w->todo };
	for (int i = 0; i < VAR_SCOPES; i++)
		vars_init(&w->vars[i], (enum var_scope)i, NULL);
	for (int i = 0; i < VAR_SCOPES; i++)
		w->x.vars[i] = &w->vars[i];
	w->x.mem = &w->mem;
	w->x.head_max = 8192;
	if (expr_get_tables() != &fuzz_tables)
		expr_set_tables(&fuzz_tables);
}

static inline void fuzz_close(struct fuzz_world *w)
{
	for (int i = 0; i < VAR_SCOPES; i++)
		vars_fini(&w->vars[i]);
	vars_fini(vars_proc());
	pat_refs_destroy(w->sc.pats);
	arena_fini(&w->mem);
	arena_fini(&w->conf);
}

/* Up to the next line feed, in memory of its own. Maps and pattern files may only be files without a directory, of
 * which there are none that could do harm. */
static inline struct str fuzz_line(struct fuzz_world *w, struct str *rest)
{
	struct str line = arena_str(&w->conf, rest->p ? str_cut(rest, '\n') : STR(""));
	bool files = str_find(line, STR("map")) != (size_t)-1 || str_find(line, STR("-f")) != (size_t)-1 ||
		     str_find(line, STR("acl")) != (size_t)-1;

	for (size_t i = 0; files && i < line.n; i++)
		if (line.p[i] == '/')
			((char *)(uintptr_t)line.p)[i] = '_';
	return line;
}

/* The bytes as a request if they are one; anyway as payload. */
static inline void fuzz_message(struct fuzz_world *w, struct str bytes)
{
	static const struct h1_opts opts = { .max_head = 65536, .max_fields = 100, .accept_unsafe = true };
	struct str copy = arena_str(&w->mem, bytes);
	struct h1_head h = { 0 };
	struct fault fault;
	size_t used;

	msg_init(&w->req, false, &w->mem);
	if (copy.n && h1_read_head(&h, (char *)(uintptr_t)copy.p, copy.n, &opts, &w->req, &used, &fault) == H1_DONE) {
		w->x.req = &w->req;
		w->x.req_buf = str_skip(copy, used);
	} else {
		w->x.req_buf = bytes;
	}
	w->x.req_full = bytes.n & 1;
	w->x.final = bytes.n & 2;
}

/* Looks at every byte of a value: it must be there. */
static inline unsigned fuzz_touch(const struct sample *s)
{
	unsigned sum = s->type;

	if (s->type == SMP_STR || s->type == SMP_BIN)
		for (size_t i = 0; i < s->s.n; i++)
			sum += (unsigned char)s->s.p[i];
	return sum;
}

static inline int fuzz_words(struct str line, struct str *w, int max)
{
	int n = 0;

	while (line.p && n < max) {
		struct str word = str_cut(&line, ' ');

		if (word.n)
			w[n++] = word;
	}
	return n;
}

#endif
