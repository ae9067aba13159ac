/* Expect steps that take more than comparing: binary answers of some protocols. */
#include "check_priv.h"

#include <arpa/inet.h>

/* The answer is not complete: wait, or judge what there is. */
static enum chk_verdict cut(struct check *c, bool all)
{
	if (!all)
		return JUDGE_MORE;
	chk_end(c, CHK_L7RSP, STR_NONE);
	return JUDGE_OVER;
}

static enum chk_verdict fail(struct check *c, enum chk_status status, struct str info)
{
	chk_end(c, status, info);
	return JUDGE_OVER;
}

static unsigned byte(const struct check *c, size_t at)
{
	return (unsigned char)c->buf[at];
}

/* --- MySQL: packets of 3 bytes length, a number, and what they say --- */

#define MYSQL_HEAD 4
#define MYSQL_ERROR 0xff

/* Is there a whole packet, and no error in it? */
static enum chk_verdict mysql_packet(struct check *c, bool all, struct str *said)
{
	size_t len;

	if (c->got < MYSQL_HEAD)
		return cut(c, all);
	len = byte(c, 0) | byte(c, 1) << 8 | byte(c, 2) << 16;
	if (!len || c->got < MYSQL_HEAD + len)
		return cut(c, all);
	*said = str_make(c->buf + MYSQL_HEAD + 1, len - 1);
	if (byte(c, MYSQL_HEAD) != MYSQL_ERROR)
		return JUDGE_NEXT;
	if (said->n >= 2)
		c->code = (int)(byte(c, MYSQL_HEAD + 1) | byte(c, MYSQL_HEAD + 2) << 8);
	return fail(c, CHK_L7STS, str_skip(*said, 2));
}

/* Protocol number, then the version as text. */
static enum chk_verdict judge_mysql_hello(struct check *c, const struct chk_step *s, bool all)
{
	struct str said;
	enum chk_verdict v = mysql_packet(c, all, &said);

	(void)s;
	if (v == JUDGE_NEXT)
		c->said = arena_str(&c->mem, str_head(said, str_chr(said, 0)));
	return v;
}

static enum chk_verdict judge_mysql_ok(struct check *c, const struct chk_step *s, bool all)
{
	struct str said;

	(void)s;
	return mysql_packet(c, all, &said);
}

/* --- LDAP (RFC 4511 section 4.2.2): a BindResponse to message 1 --- */

/* A BER length at *at; moves behind it. False: not all of it is there. */
static bool ber_length(const struct check *c, size_t *at)
{
	size_t n;

	if (*at >= c->got)
		return false;
	n = byte(c, *at) & 0x80 ? byte(c, *at) & 0x7f : 0;
	*at += 1 + n;
	return *at <= c->got;
}

static bool ldap_has(const struct check *c, size_t at, const char *bytes, size_t n)
{
	return !memcmp(c->buf + at, bytes, n);
}

static enum chk_verdict judge_ldap(struct check *c, const struct chk_step *s, bool all)
{
	size_t at = 1;

	(void)s;
	if (!ber_length(c, &at) || c->got < at + 4)
		return cut(c, all);
	if (!ldap_has(c, at, "\2\1\1\x61", 4))
		return fail(c, CHK_L7RSP, STR("Not LDAPv3 protocol"));
	at += 4;
	if (!ber_length(c, &at) || c->got < at + 7)
		return cut(c, all);
	if (!ldap_has(c, at, "\x0a\1", 2))
		return fail(c, CHK_L7RSP, STR("Not LDAPv3 protocol"));
	c->code = (int)byte(c, at + 2);
	if (c->code)
		return fail(c, CHK_L7STS, STR("See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9"));
	c->said = STR("Success");
	return JUDGE_NEXT;
}

/* --- SPOP: a frame with AGENT-HELLO, or AGENT-DISCONNECT --- */

enum { SPOP_AGENT_HELLO = 101, SPOP_AGENT_DISCONNECT = 102 };
enum { SPOP_BOOL = 1, SPOP_UINT32 = 3, SPOP_UINT64 = 5, SPOP_IPV4 = 6, SPOP_IPV6 = 7, SPOP_STR = 8, SPOP_BIN = 9 };
enum { SPOP_INVALID = 4, SPOP_NO_VERSION = 5, SPOP_NO_SIZE = 6, SPOP_BAD_VERSION = 8, SPOP_BAD_SIZE = 9 };
#define SPOP_FRAME_MAX 16380
#define SPOP_FRAME_MIN 256

static struct str spop_text(unsigned code)
{
	static const char *const texts[] = {
		"normal", "I/O error", "a timeout occurred", "frame is too big", "invalid frame received",
		"version value not found", "max-frame-size value not found", "capabilities value not found",
		"unsupported version", "max-frame-size too big or too small", "fragmentation not supported",
		"invalid interlaced frames", "frame-id not found", "resource allocation error",
	};

	return str_c(code < ARRAY_LEN(texts) ? texts[code] : "an unknown error occurred");
}

/* Four bits less in the first byte's upper half, then seven for each byte. */
static bool spop_varint(struct str *in, uint64_t *v)
{
	unsigned shift = 4;

	if (!in->n)
		return false;
	*v = (unsigned char)in->p[0];
	*in = str_skip(*in, 1);
	if (*v < 240)
		return true;
	for (;; shift += 7) {
		uint64_t b;

		if (!in->n || shift > 60)
			return false;
		b = (unsigned char)in->p[0];
		*in = str_skip(*in, 1);
		*v += b << shift;
		if (b < 128)
			return true;
	}
}

static bool spop_string(struct str *in, struct str *out)
{
	uint64_t n;

	if (!spop_varint(in, &n) || n > in->n)
		return false;
	*out = str_head(*in, n);
	*in = str_skip(*in, n);
	return true;
}

struct spop_value { unsigned type; uint64_t number; struct str text; };

static bool spop_value(struct str *in, struct spop_value *v)
{
	size_t skip;

	if (!in->n)
		return false;
	v->type = (unsigned char)in->p[0] & 0x0f;
	*in = str_skip(*in, 1);
	if (v->type == SPOP_STR || v->type == SPOP_BIN)
		return spop_string(in, &v->text);
	if (v->type <= SPOP_BOOL)
		return true;
	if (v->type <= SPOP_UINT64)
		return spop_varint(in, &v->number);
	skip = v->type == SPOP_IPV4 ? 4 : 16;
	if (v->type > SPOP_IPV6 || in->n < skip)
		return false;
	*in = str_skip(*in, skip);
	return true;
}

struct spop_said { struct str version; uint64_t size, status; bool has_size; };

static bool spop_pairs(struct str in, struct spop_said *said)
{
	while (in.n) {
		struct spop_value v = { 0 };
		struct str name;

		if (!spop_string(&in, &name) || !spop_value(&in, &v))
			return false;
		if (str_eqz(name, "version") && v.type == SPOP_STR)
			said->version = str_trim(v.text);
		if (str_eqz(name, "max-frame-size") && v.type >= 2 && v.type <= SPOP_UINT64) {
			said->size = v.number;
			said->has_size = true;
		}
		if (str_eqz(name, "status-code") && v.type >= 2 && v.type <= SPOP_UINT64)
			said->status = v.number;
	}
	return true;
}

/* 0: a good hello; else the status code of SPOP that says what is wrong. */
static unsigned spop_judge(struct str frame)
{
	unsigned type = frame.n ? (unsigned char)frame.p[0] : 0;
	struct spop_said said = { 0 };
	uint64_t id;

	frame = str_skip(frame, 5);	/* type and flags */
	if ((type != SPOP_AGENT_HELLO && type != SPOP_AGENT_DISCONNECT) || !spop_varint(&frame, &id) ||
	    !spop_varint(&frame, &id) || !spop_pairs(frame, &said))
		return SPOP_INVALID;
	if (type == SPOP_AGENT_DISCONNECT)
		return said.status && said.status < 100 ? (unsigned)said.status : 99;
	if (!said.version.n)
		return SPOP_NO_VERSION;
	if (!str_starts(said.version, STR("2.")))
		return SPOP_BAD_VERSION;
	if (!said.has_size)
		return SPOP_NO_SIZE;
	return said.size < SPOP_FRAME_MIN || said.size > SPOP_FRAME_MAX ? SPOP_BAD_SIZE : 0;
}

static enum chk_verdict judge_spop(struct check *c, const struct chk_step *s, bool all)
{
	uint32_t len;
	unsigned wrong;

	(void)s;
	if (c->got < sizeof(len))
		return cut(c, all);
	memcpy(&len, c->buf, sizeof(len));
	len = ntohl(len);
	if (len <= SPOP_FRAME_MAX && c->got - sizeof(len) < len && !all)
		return JUDGE_MORE;
	wrong = len > c->got - sizeof(len) ? SPOP_INVALID : spop_judge(str_make(c->buf + sizeof(len), len));
	if (wrong)
		return fail(c, CHK_L7RSP, spop_text(wrong));
	c->said = STR("SPOA server is ok");
	return JUDGE_NEXT;
}

static const struct { const char *name; chk_judge_f *judge; } judges[] = {
	{ "ldap", judge_ldap },
	{ "mysql-hello", judge_mysql_hello },
	{ "mysql-ok", judge_mysql_ok },
	{ "spop-hello", judge_spop },
};

chk_judge_f *chk_judge_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(judges); i++)
		if (str_eqz(name, judges[i].name))
			return judges[i].judge;
	return NULL;
}
