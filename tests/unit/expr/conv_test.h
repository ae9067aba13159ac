/* What the tests of converters share: all their rows, and tables of an expression and the text it
 * gives. Where HAProxy 2.6 has the converter the right column is what it gave
 * (dev/compare-converters), unless a comment says otherwise. */
#ifndef TESTS_CONV_TEST_H
#define TESTS_CONV_TEST_H

#include "tests/unit/expr/expr_test.h"
#include "weir/expr/conv.h"

static const struct fetch_table conv_test_fetches[] = { { fetch_intern_rows, FETCH_INTERN_ROWS },
							{ NULL, 0 } };
static const struct conv_table conv_test_tables[] = {
	{ conv_int_rows, CONV_INT_ROWS },
	{ conv_text_rows, CONV_TEXT_ROWS },
	{ conv_field_rows, CONV_FIELD_ROWS },
	{ conv_bytes_rows, CONV_BYTES_ROWS },
	{ conv_enc_rows, CONV_ENC_ROWS },
	{ conv_hash_rows, CONV_HASH_ROWS },
	{ conv_crypto_rows, CONV_CRYPTO_ROWS },
	{ conv_x509_rows, CONV_X509_ROWS },
	{ conv_addr_rows, CONV_ADDR_ROWS },
	{ conv_forwarded_rows, CONV_FORWARDED_ROWS },
	{ conv_date_rows, CONV_DATE_ROWS },
	{ conv_protobuf_rows, CONV_PROTOBUF_ROWS },
	{ conv_mqtt_rows, CONV_MQTT_ROWS },
	{ conv_fix_rows, CONV_FIX_ROWS },
	{ conv_packet_rows, CONV_PACKET_ROWS },
	{ conv_debug_rows, CONV_DEBUG_ROWS },
	{ NULL, 0 },
};
static const struct expr_tables conv_test_expr_tables = { conv_test_fetches, conv_test_tables,
							  NULL };

void world_tables(void)
{
	expr_set_tables(&conv_test_expr_tables);
}

struct conv_case {
	const char *text;
	const char *want;	/* "<none>", "<wait>", or "ERR": refused at load */
};

static inline void run_cases_in(struct world *w, const struct conv_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = value_of(w, c[i].text);
		bool same = strcmp(c[i].want, "ERR") == 0 ? strncmp(got, "ERR ", 4) == 0
							  : strcmp(got, c[i].want) == 0;

		ck_assert_msg(same, "%s: got '%s', want '%s'", c[i].text, got, c[i].want);
	}
}

static inline void run_cases(const struct conv_case *c, size_t n)
{
	struct world w;

	world_init(&w);
	run_cases_in(&w, c, n);
	world_fini(&w);
}

#define RUN_CASES(cases) run_cases(cases, ARRAY_LEN(cases))

/* Sets a variable before an expression that reads it. */
static inline void set_variable(struct world *w, const char *name, const struct sample *value)
{
	struct var_ref *ref = arena_new(&w->conf, struct var_ref);

	ck_assert(var_ref_parse(&w->conf, str_c(name), ref, &w->err));
	ck_assert(var_set(ref, value, 0, &w->x));
}

static inline void set_text(struct world *w, const char *name, struct str value)
{
	set_variable(w, name, &(struct sample){ .type = SMP_STR, .s = value });
}

static inline void set_bytes(struct world *w, const char *name, struct str value)
{
	set_variable(w, name, &(struct sample){ .type = SMP_BIN, .s = value });
}

static inline void set_number(struct world *w, const char *name, int64_t value)
{
	set_variable(w, name, &(struct sample){ .type = SMP_SINT, .i = value });
}

#endif
