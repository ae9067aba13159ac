/* What lines about health checks compile to: a script of steps. Every dialogue is one, those behind words such as
 * `option redis-check` included (canned.c). Made by the loader, only read afterwards. */
#ifndef WEIR_FEATURE_CHECK_SCRIPT_H
#define WEIR_FEATURE_CHECK_SCRIPT_H

#include "weir/base/regex.h"
#include "weir/conf/load.h"
#include "weir/expr/compile.h"
#include "weir/expr/rule.h"
#include "weir/model/conf.h"
#include "status.h"

/* Whose words a script is written in; also what its messages look like. */
enum chk_kind { CHK_PLAIN /* no option: connecting is all */, CHK_TCP, CHK_HTTP, CHK_CANNED, CHK_EXTERNAL };
enum chk_step_kind { STEP_CONNECT, STEP_SEND, STEP_REQUEST, STEP_EXPECT, STEP_RULE, STEP_COMMENT };

/* Constant, or a log format. */
struct chk_text {
	struct str s;
	struct logfmt *fmt;
};

/* --- connect --- */
enum { CN_DEFAULT = 1, CN_IMPLICIT = 2, CN_SSL = 4, CN_SEND_PROXY = 8, CN_SOCKS4 = 16, CN_LINGER = 32 };
struct chk_connect {
	unsigned flags;
	struct addr addr;		/* unset: the server's, or that of its `addr` */
	int port;			/* 0: none said */
	struct expr *port_expr;
	struct str sni, alpn;		/* alpn in wire format */
	const struct mux *proto;
};

/* --- send --- */
struct chk_send {
	struct chk_text text;
	bool hex;			/* the format gives hexadecimal digits */
};
struct chk_field {
	struct chk_field *next;
	struct str name;		/* lower case */
	struct chk_text value;
};
struct chk_request {
	bool from_option;		/* by `option httpchk`: the first http-check send line completes it */
	struct str method, version;	/* empty: OPTIONS, HTTP/1.0 */
	struct chk_text uri, body;
	struct chk_field *fields;
};

/* --- expect --- */
enum chk_want {
	WANT_STRING, WANT_BINARY, WANT_REGEX, WANT_BIN_REGEX, WANT_STRING_FMT, WANT_BINARY_FMT, WANT_JUDGE,
	WANT_STATUS, WANT_STATUS_REGEX, WANT_FIELD, WANT_BODY, WANT_BODY_REGEX, WANT_BODY_FMT,
};
enum chk_match { MATCH_ANY, MATCH_STR, MATCH_BEG, MATCH_END, MATCH_SUB, MATCH_REG };
struct chk_pattern {
	uint8_t how;			/* enum chk_match; MATCH_ANY: no pattern was given */
	struct chk_text text;
	struct regex *regex;
};
struct chk_range { int low, high; };
struct check;
struct chk_step;
/* What a judge (judges.c) says about the bytes in c->in; JUDGE_OVER: it ended the check. */
enum chk_verdict { JUDGE_MORE, JUDGE_NEXT, JUDGE_OVER };
typedef enum chk_verdict chk_judge_f(struct check *c, const struct chk_step *s, bool all);
struct chk_expect {
	uint8_t want;			/* enum chk_want */
	bool inverse, whole_field;	/* whole_field: fhdr */
	int min_recv;			/* -1: not said */
	struct str text;
	struct regex *regex;
	struct logfmt *fmt;
	struct chk_range *codes;
	int ncodes;
	struct chk_pattern name, value;
	chk_judge_f *judge;
	uint8_t ok_status, error_status, tout_status;	/* enum chk_status; CHK_INI: the usual one */
	struct logfmt *on_success, *on_error;
	struct expr *status_code;
	int back;			/* waits are resumed at this step, which may have to be looked at again */
};

struct chk_step {
	uint8_t kind;			/* enum chk_step_kind */
	int number;			/* as messages count them, from 1; 0: the connect that nobody wrote */
	struct str comment;
	union {
		struct chk_connect connect;
		struct chk_send send;
		struct chk_request request;
		struct chk_expect expect;
		const struct rule *rule;
	};
};

/* Steps as they are written; settled once all files were read. */
struct chk_script {
	const void *owner;		/* section that may add lines; others share it */
	struct chk_step **v;
	int n, cap;
	bool http, settled;
	bool used;			/* the option that belongs to it was said */
};

/* What the lines of one proxy or one healthcheck section say. proxy->check points to it. */
struct chk_words {
	const void *owner;
	struct str name;		/* of a healthcheck section */
	const char *file;
	int line;
	uint8_t kind;			/* enum chk_kind */
	struct chk_script *tcp, *http;	/* their lines, used when kind says so; NULL: none */
	struct chk_script *canned;
	bool disable_404, send_state;
};

/* --- compiling (conf_*.c): k->at is on the first word behind the step's name --- */
struct chk_words *chk_words_of(struct kw_call *k);	/* to write in */
/* The script of the section's own lines about tcp-check or http-check, begun where it only inherited one. */
struct chk_script *chk_script_of(struct kw_call *k, bool http);
struct chk_step *chk_step_add(struct kw_call *k, struct chk_script *s, enum chk_step_kind kind);
void chk_script_insert(struct arena *mem, struct chk_script *s, int at, struct chk_step *step);
void chk_script_remove(struct chk_script *s, int at);
/* NULL: reported. `section`: for connect steps, whose lines speak HTTP or not is in http. */
bool chk_parse_connect(struct kw_call *k, struct chk_step *s, bool http);
bool chk_parse_send(struct kw_call *k, struct chk_step *s, struct str word);
bool chk_parse_request(struct kw_call *k, struct chk_step *s);
/* What `over` says replaces what r says. */
void chk_request_merge(struct chk_request *r, const struct chk_request *over);
bool chk_parse_expect(struct kw_call *k, struct chk_step *s, bool http);
/* One step in tcp-check's words (`send`, `expect` ...), k->at on that word; NULL: reported. */
bool chk_parse_tcp_step(struct kw_call *k, struct chk_script *s);
/* The scope of expressions in checks. */
void chk_scope(struct kw_call *k, struct xscope *sc, const char *where);
struct logfmt *chk_parse_format(struct kw_call *k, int word);	/* NULL: reported */
struct expr *chk_parse_expr(struct kw_call *k, const char *what);	/* from k->at on; NULL: reported */
bool chk_parse_comment(struct kw_call *k, struct str *out);
/* Decodes the hexadecimal digits of word `word`. */
bool chk_parse_hex(struct kw_call *k, int word, struct str *out);
/* `option httpchk` for proxies, `type httpchk` for healthcheck sections. */
bool chk_parse_httpchk(struct kw_call *k);
bool chk_parse_tcpchk(struct kw_call *k);

/* A dialogue that weir knows by itself. */
struct chk_dialogue {
	const char *name;		/* behind `option` and `type` */
	bool (*parse)(struct kw_call *k, struct str *bytes);	/* words behind it; NULL: none */
	const char *const *words;	/* steps in tcp-check's words, each ended by NULL, all by another one; "$"
					 * stands for what parse gave */
	const char *args, *help;
};
#define CHK_DIALOGUES 7
extern const struct chk_dialogue chk_dialogues[CHK_DIALOGUES];
bool chk_parse_dialogue(struct kw_call *k, const struct chk_dialogue *d);
chk_judge_f *chk_judge_find(struct str name);

/* Completes the script of one section: implicit steps, comments. */
void chk_settle_script(struct arena *mem, struct chk_script *s);
/* The script that a server is checked by, or NULL: plain, external. */
const struct chk_script *chk_script_for(const struct chk_words *w);
/* Why checks of this server cannot share connections with the traffic (check-reuse-pool); NULL: they can. pool.c */
const char *chk_pool_hindered(const struct server_line *l, const struct chk_script *s);
/* What a server is checked by: its healthcheck section, its backend, or NULL. */
const struct chk_words *chk_words_for(const struct server_line *l);

#endif
