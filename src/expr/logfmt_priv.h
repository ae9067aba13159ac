/* Compiled log formats; shared by logfmt.c (compiles), logfmt_build.c (writes), logfmt_enc.c (JSON and CBOR). */
#ifndef WEIR_LOGFMT_PRIV_H
#define WEIR_LOGFMT_PRIV_H

#include "expr_priv.h"
#include "weir/base/sbuf.h"

enum lf_flag {
	LFF_QUOTE = 1, LFF_HEX = 2, LFF_ESC = 4, LFF_BIN = 8, LFF_JSON = 16, LFF_CBOR = 32, LFF_MANDATORY = 64,
	LFF_ENCODE = LFF_JSON | LFF_CBOR,
};
enum lf_kind { LFK_TEXT, LFK_EXPR, LFK_VAR };

struct lf_node {
	uint8_t kind;			/* enum lf_kind */
	uint8_t type;			/* enum smp_type asked for by (name:type), or SMP_ANY */
	uint16_t flags;			/* enum lf_flag */
	bool quotable, hexable;		/* variables: obey +Q, +X */
	bool vanishes, list;		/* see struct logvar_row */
	uint8_t escape;			/* enum logvar_escape; none outside of logs */
	bool bare;			/* numbers, texts and addresses are written as they are */
	struct str text;		/* TEXT */
	struct str name;		/* key of the item, or empty */
	const struct expr *expr;	/* EXPR */
	const struct fetch_row *var;	/* VAR */
};

struct logfmt {
	const struct lf_node *node;
	int n;
	uint16_t global;		/* flags that %o set: encoding and +bin of the whole */
	unsigned opt;			/* enum logfmt_opt */
	uint32_t uses;
};

/* A value in an encoding; smp == NULL: there is none. json: bare text; cbor: hexadecimal digits unless raw. */
void lf_json_value(struct sbuf *out, const struct sample *smp);
void lf_json_text(struct sbuf *out, struct str s);
void lf_cbor_value(struct sbuf *out, const struct sample *smp, bool raw);
void lf_cbor_text(struct sbuf *out, struct str s, bool bytes, bool raw);
void lf_cbor_byte(struct sbuf *out, unsigned char b, bool raw);

#endif
