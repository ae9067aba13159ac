/* FIX (Financial Information eXchange): "tag=value" fields, each ended by SOH. The first three are
 * BeginString (8), BodyLength (9) and MsgType (35), the last one is CheckSum (10). Only the first
 * message of the input is looked at. */
#include "conv_priv.h"
#include "weir/base/num.h"

#define SOH '\x01'

enum fix_tag {
	FIX_BEGIN_STRING = 8,
	FIX_BODY_LENGTH = 9,
	FIX_CHECK_SUM = 10,
	FIX_MSG_TYPE = 35,
	FIX_SENDER = 49,
	FIX_TARGET = 56
};

enum take { TAKE_OK, TAKE_MORE /* the input ends inside */, TAKE_BAD };

struct fix_field {
	uint64_t tag;
	struct str value;
};

static enum take take_field(struct str *s, struct fix_field *f)
{
	size_t end = str_chr(*s, SOH), equals;
	struct str text;

	if (end == (size_t)-1)
		return TAKE_MORE;
	text = str_head(*s, end);
	*s = str_skip(*s, end + 1);
	equals = str_chr(text, '=');
	if (equals == (size_t)-1 || !num_u64(str_head(text, equals), &f->tag))
		return TAKE_BAD;
	f->value = str_skip(text, equals + 1);
	return TAKE_OK;
}

/* The input ended too early: more may come. */
static bool want_more(struct sample *smp)
{
	smp->flags |= SMP_F_MAY_CHANGE;
	return false;
}

static bool known_version(struct str v)
{
	static const char *const versions[] = { "FIX.4.0", "FIX.4.1", "FIX.4.2",
						"FIX.4.3", "FIX.4.4", "FIXT.1.1" };

	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (str_eqz(v, versions[i]))
			return true;
	return false;
}

/* A field that must come next. */
static enum take expect(struct str *s, enum fix_tag tag, struct str *value)
{
	struct fix_field f;
	enum take t = take_field(s, &f);

	if (t != TAKE_OK)
		return t;
	*value = f.value;
	return f.tag == tag ? TAKE_OK : TAKE_BAD;
}

static unsigned sum_of(const char *from, const char *to)
{
	unsigned sum = 0;

	for (; from < to; from++)
		sum += (unsigned char)*from;
	return sum & 0xff;
}

/* From MsgType on: fields up to CheckSum, which must come exactly where the length says. */
static enum take check_body(struct str msg, struct str body, uint64_t length)
{
	struct str rest = body, value;
	struct fix_field f;
	uint64_t sum;
	enum take t = expect(&rest, FIX_MSG_TYPE, &value);

	while (t == TAKE_OK && (uint64_t)(rest.p - body.p) < length) {
		t = take_field(&rest, &f);
		if (t == TAKE_OK && f.tag == FIX_CHECK_SUM)
			return TAKE_BAD;
	}
	if (t != TAKE_OK)
		return t;
	if ((uint64_t)(rest.p - body.p) != length)
		return TAKE_BAD;
	body = rest;
	t = expect(&rest, FIX_CHECK_SUM, &value);
	if (t != TAKE_OK)
		return t;
	return value.n == 3 && num_u64(value, &sum) && sum == sum_of(msg.p, body.p) ? TAKE_OK
										    : TAKE_BAD;
}

static enum take check_message(struct str msg)
{
	struct str rest = msg, value;
	uint64_t length;
	enum take t = expect(&rest, FIX_BEGIN_STRING, &value);

	if (t == TAKE_OK && !known_version(value))
		t = TAKE_BAD;
	if (t == TAKE_OK)
		t = expect(&rest, FIX_BODY_LENGTH, &value);
	if (t == TAKE_OK && !num_u64(value, &length))
		t = TAKE_BAD;
	return t == TAKE_OK ? check_body(msg, rest, length) : t;
}

static bool conv_is_valid(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	enum take t = check_message(smp->s);

	if (t == TAKE_MORE)
		return want_more(smp);
	smp_set_bool(smp, t == TAKE_OK);
	return true;
}

static bool conv_tag_value(const struct arg *args, struct sample *smp, struct xctx *x,
			   const struct conv_row *row)
{
	struct str rest = smp->s;
	struct fix_field f;
	enum take t;

	while ((t = take_field(&rest, &f)) == TAKE_OK) {
		if (f.tag == (uint64_t)args[0].i) {
			smp->s = f.value;
			return true;
		}
		if (f.tag == FIX_CHECK_SUM)
			return false;
	}
	return t == TAKE_MORE && want_more(smp);
}

static bool check_tag(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	static const struct {
		const char *name;
		enum fix_tag tag;
	} names[] = {
		{ "BeginString", FIX_BEGIN_STRING }, { "BodyLength", FIX_BODY_LENGTH },
		{ "CheckSum", FIX_CHECK_SUM },       { "MsgType", FIX_MSG_TYPE },
		{ "SenderCompID", FIX_SENDER },      { "TargetCompID", FIX_TARGET },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_ieq(args[0].s, str_c(names[i].name))) {
			args[0].i = names[i].tag;
			return true;
		}
	}
	if (num_i64(args[0].s, &args[0].i) && args[0].i > 0)
		return true;
	return conv_refuse(err, "expects the number or the name of a tag");
}

const struct conv_row conv_fix_rows[CONV_FIX_ROWS] = {
	{ "fix_is_valid", conv_is_valid, { 0 }, NULL, SMP_BIN, SMP_BOOL,
	  "is this a valid FIX message?", 0 },
	{ "fix_tag_value", conv_tag_value, { 1, { ARG_STR } }, check_tag, SMP_BIN, SMP_BIN,
	  "the value of a tag of a FIX message", 0 },
};
