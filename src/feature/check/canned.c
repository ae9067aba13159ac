/* Dialogues that weir knows by itself: each a list of steps in tcp-check's words. */
#include "script.h"

#include "weir/base/enc.h"

/* --- what their options say --- */

static bool parse_user(struct kw_call *k, struct str *user)
{
	*user = STR_NONE;
	if (!kw_more(k))
		return true;
	if (!kw_take_if(k, "user"))
		return kw_err(k, k->at, "'%s' only supports optional values: 'user' (got '" STR_FMT "').", k->kw->name,
			      STR_ARG(kw_peek(k)));
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, "'%s user' expects <username> as argument.", k->kw->name);
	*user = k->w[k->at++];
	if (user->n > 200)
		return kw_err(k, k->at - 1, "'%s user' : the name is too long.", k->kw->name);
	return true;
}

static struct str hex_of(struct arena *mem, const struct sbuf *b)
{
	char text[1200];
	struct sbuf hex = sbuf_fixed(text, sizeof(text));

	hex_enc(&hex, sbuf_str(b), false);
	return arena_str(mem, sbuf_str(&hex));
}

/* The login (of 4.1 and later, or of older servers) and COM_QUIT in one. */
static bool parse_mysql(struct kw_call *k, struct str *bytes)
{
	static const char login41[32] = "\0\x82\0\0\0\x80\0\1\x21";	/* UTF-8, and 23 zeros */
	static const char login40[5] = "\0\x80\0\0\1";
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct str user;
	bool old;

	if (!parse_user(k, &user))
		return false;
	if (!user.n)
		return true;
	old = kw_take_if(k, "pre-41");
	if (!old && !kw_take_if(k, "post-41") && kw_more(k))
		return kw_err(k, k->at, "keyword 'user' only supports 'post-41' and 'pre-41' (got '" STR_FMT "').",
			      STR_ARG(kw_peek(k)));
	sbuf_putc(&b, (char)(user.n + 2 + (old ? sizeof(login40) : sizeof(login41))));
	sbuf_put(&b, "\0\0\1", 3);
	sbuf_put(&b, old ? login40 : login41, old ? sizeof(login40) : sizeof(login41));
	sbuf_puts(&b, user);
	sbuf_put(&b, "\0\0\1\0\0\0\1", 7);
	*bytes = hex_of(k->mem, &b);
	return true;
}

static bool parse_pgsql(struct kw_call *k, struct str *bytes)
{
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct str user;

	if (!str_eqz(kw_peek(k), "user") || k->n - k->at < 2)
		return kw_err(k, k->at - 1, "'%s' expects 'user <username>' as argument.", k->kw->name);
	if (!parse_user(k, &user))
		return false;
	sbuf_put(&b, "\0\0\0", 3);
	sbuf_putc(&b, (char)(user.n + 15));
	sbuf_put(&b, "\0\3\0\0user", 9);
	sbuf_puts(&b, user);
	sbuf_put(&b, "\0", 2);
	*bytes = hex_of(k->mem, &b);
	return true;
}

/* "HELO host" or "EHLO host"; anything else is HELO localhost. */
static bool parse_smtp(struct kw_call *k, struct str *bytes)
{
	struct str verb = kw_peek(k);

	*bytes = STR("HELO localhost\r\n");
	if (k->n - k->at < 2) {
		k->at = k->n;
		return true;
	}
	k->at += 2;
	if (str_eqz(verb, "HELO") || str_eqz(verb, "EHLO"))
		*bytes = arena_printf(k->mem, STR_FMT " " STR_FMT "\r\n", STR_ARG(verb), STR_ARG(k->w[k->at - 1]));
	return true;
}

/* --- the dialogues --- */

#define FIRST_LINE "%[res.payload(0,0),cut_crlf]"
#define SAID "%[res.payload(4,0),ltrim(' '),cut_crlf]"
#define CODE "res.payload(0,3)"

static const char *const ldap[] = {
	"send-binary", "300C020101600702010304008000", NULL,
	"expect", "rbinary", "^30", "min-recv", "14", "on-error", "Not LDAPv3 protocol", NULL,
	"expect", "custom", "ldap", NULL, NULL,
};
static const char *const mysql[] = {
	"connect", "default", "linger", NULL,
	"expect", "custom", "mysql-hello", NULL,
	"send-binary", "$", NULL,
	"expect", "custom", "mysql-ok", NULL, NULL,
};
static const char *const pgsql[] = {
	"connect", "default", "linger", NULL,
	"send-binary", "$", NULL,
	"expect", "!rstring", "^E", "min-recv", "5", "error-status", "L7RSP", "on-error", "%[res.payload(6,0)]", NULL,
	"expect", "rbinary", "^52000000[A-Z0-9]{2}000000(00|02|03|04|05|06|07|09|0A)", "min-recv", "9",
	"error-status", "L7STS", "on-success", "PostgreSQL server is ok", "on-error", "PostgreSQL unknown error", NULL,
	NULL,
};
static const char *const redis[] = {
	"send", "*1\r\n$4\r\nPING\r\n", NULL,
	"expect", "string", "+PONG\r\n", "min-recv", "7", "error-status", "L7STS", "on-error", FIRST_LINE, "on-success",
	"Redis server is ok", NULL, NULL,
};
#define SMTP_ANSWER "error-status", "L7STS", "on-error", SAID, "on-success", SAID, "status-code", CODE, NULL
static const char *const smtp[] = {
	"connect", "default", "linger", NULL,
	"expect", "rstring", "^[0-9]{3}[ \r]", "min-recv", "4", "error-status", "L7RSP", "on-error", FIRST_LINE, NULL,
	"expect", "rstring", "^2[0-9]{2}[ \r]", "min-recv", "4", "error-status", "L7STS", "on-error", SAID,
	"status-code", CODE, NULL,
	"send", "$", NULL,
	"expect", "rstring", "^2[0-9]{2}[- \r]", "min-recv", "4", SMTP_ANSWER,	/* at once, if it is a refusal */
	"expect", "rstring", "^(2[0-9]{2}-[^\r]*\r\n)*2[0-9]{2}[ \r]", SMTP_ANSWER,
	"send", "QUIT\r\n", NULL,
	"expect", "rstring", "^2[0-9]{2}[- \r]", "min-recv", "4", SMTP_ANSWER, NULL,
};
/* HELLO of a health check: versions 2.0, frames of 16380 bytes, no capabilities. */
static const char *const spop[] = {
	"send-binary",
	"0000004e01000000010000"
	"12737570706f727465642d76657273696f6e730803322e30"
	"0e6d61782d6672616d652d73697a6503fcf006"
	"0c6361706162696c69746965730800"
	"0b6865616c7468636865636b11", NULL,
	"expect", "custom", "spop-hello", "min-recv", "4", NULL, NULL,
};
/* An SSLv3 hello with the time and 39 ciphers: whatever answers with a handshake or an alert speaks TLS. */
static const char *const ssl_hello[] = {
	"send-binary-lf",
	"1603000079010000750300%[date(),htonl,hex]"
	"484150524f585953534c43484b0a484150524f585953534c43484b0a"
	"00004e000100020003000400050006000700080009000a000b000c000d000e000f0010001100120013001400150016001700180019001a"
	"001b002f0030003100320033003400350036003700380039003a0100", NULL,
	"expect", "rbinary", "^1[56]", "min-recv", "5", "ok-status", "L6OK", "error-status", "L6RSP", "tout-status",
	"L6TOUT", NULL, NULL,
};

const struct chk_dialogue chk_dialogues[CHK_DIALOGUES] = {
	{ "ldap-check", NULL, ldap, "", "an anonymous LDAPv3 bind" },
	{ "mysql-check", parse_mysql, mysql, "[user <name> [post-41|pre-41]]", "MySQL's handshake, perhaps a login" },
	{ "pgsql-check", parse_pgsql, pgsql, "user <name>", "a PostgreSQL start-up message" },
	{ "redis-check", NULL, redis, "", "a Redis PING" },
	{ "smtpchk", parse_smtp, smtp, "[<command> <domain>]", "an SMTP greeting" },
	{ "spop-check", NULL, spop, "", "the hello of SPOP" },
	{ "ssl-hello-chk", NULL, ssl_hello, "", "a TLS hello" },
};

/* --- compiling them --- */

#define WORDS_MAX 16

/* One step: its words behind "tcp-check". Returns what lies behind it. */
static const char *const *add_step(struct kw_call *k, struct chk_script *s, const char *const *words, struct str bytes)
{
	struct str *w = arena_array(k->mem, struct str, WORDS_MAX);
	struct kw_call step = *k;
	int n = 1;

	w[0] = STR("tcp-check");
	for (; *words; words++)
		w[n++] = str_eqz(STR("$"), *words) ? bytes : str_c(*words);
	step.w = w;
	step.n = n;
	step.at = 1;
	WASSERT(n <= WORDS_MAX);
	/* Without anything to send the dialogue ends here. */
	if (n > 2 && !w[2].n)
		return NULL;
	return chk_parse_tcp_step(&step, s) ? words + 1 : NULL;
}

bool chk_parse_dialogue(struct kw_call *k, const struct chk_dialogue *d)
{
	struct chk_words *w = chk_words_of(k);
	const char *const *at = d->words;
	struct str bytes = STR_NONE;
	int errors = k->ld->errors;

	if (d->parse && !d->parse(k, &bytes))
		return false;
	w->kind = CHK_CANNED;
	w->canned = arena_new(k->mem, struct chk_script);
	w->canned->owner = w->owner;
	while (at && *at)
		at = add_step(k, w->canned, at, bytes);
	return k->ld->errors == errors;
}
