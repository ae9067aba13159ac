/* Protocol buffers on the wire: fields of a number and a wire type, in any order. A path of numbers
 * leads through nested messages to one field; of several with the same number the first counts. */
#include <math.h>
#include "conv_priv.h"
#include "weir/base/num.h"

#define PATH_MAX_STEPS 16
#define FIELD_NUMBER_MAX 536870911
#define GRPC_HEADER 5		/* a flag and a length in front of a gRPC message */

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* How a field's figures become an integer. */
enum number { NUM_RAW, NUM_ZIGZAG, NUM_SIGNED32, NUM_FLOAT, NUM_DOUBLE };

struct type {
	const char *name;
	enum wire wire;
	enum number number;
};

static const struct type types[] = {
	{ "int32", WIRE_VARINT, NUM_RAW },	{ "int64", WIRE_VARINT, NUM_RAW },
	{ "uint32", WIRE_VARINT, NUM_RAW },	{ "uint64", WIRE_VARINT, NUM_RAW },
	{ "bool", WIRE_VARINT, NUM_RAW },	{ "enum", WIRE_VARINT, NUM_RAW },
	{ "sint32", WIRE_VARINT, NUM_ZIGZAG },	{ "sint64", WIRE_VARINT, NUM_ZIGZAG },
	{ "fixed64", WIRE_64, NUM_RAW },	{ "sfixed64", WIRE_64, NUM_RAW },
	{ "double", WIRE_64, NUM_DOUBLE },	{ "fixed32", WIRE_32, NUM_RAW },
	{ "sfixed32", WIRE_32, NUM_SIGNED32 },	{ "float", WIRE_32, NUM_FLOAT },
};

/* What the arguments compile to. */
struct query {
	uint32_t path[PATH_MAX_STEPS];
	int steps;
	const struct type *type;	/* NULL: the bytes as they are */
};

static bool take_varint(struct str *s, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < s->n && i < 10; i++) {
		unsigned char c = s->p[i];

		*v |= (uint64_t)(c & 0x7f) << (7 * i);
		if (!(c & 0x80)) {
			*s = str_skip(*s, i + 1);
			return true;
		}
	}
	return false;
}

static bool take_bytes(struct str *s, uint64_t n, struct str *out)
{
	if (n > s->n)
		return false;
	*out = str_head(*s, n);
	*s = str_skip(*s, n);
	return true;
}

/* The content of a field of this wire type at the front of *s. Groups, which nobody uses any more,
 * end the search. */
static bool take_content(struct str *s, unsigned wire, struct str *out)
{
	struct str before = *s;
	uint64_t n;

	switch (wire) {
	case WIRE_VARINT:
		if (!take_varint(s, &n))
			return false;
		*out = str_head(before, before.n - s->n);
		return true;
	case WIRE_64:
		return take_bytes(s, 8, out);
	case WIRE_BYTES:
		return take_varint(s, &n) && take_bytes(s, n, out);
	case WIRE_32:
		return take_bytes(s, 4, out);
	}
	return false;
}

/* The first field of that number in a message. */
static bool find_field(struct str msg, uint32_t number, unsigned *wire, struct str *content)
{
	uint64_t key;

	while (take_varint(&msg, &key)) {
		*wire = key & 7;
		if (!take_content(&msg, *wire, content))
			return false;
		if (key >> 3 == number)
			return true;
	}
	return false;
}

static uint64_t little_endian(struct str s)
{
	uint64_t v = 0;

	for (size_t i = s.n; i > 0; i--)
		v = v << 8 | (unsigned char)s.p[i - 1];
	return v;
}

/* Towards zero; what no integer holds becomes the nearest one that does. */
static int64_t integer_of(double d)
{
	if (isnan(d))
		return 0;
	if (d >= 9223372036854775808.0)
		return INT64_MAX;
	return d < -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}

static int64_t number_of(const struct type *t, struct str content)
{
	uint64_t v = 0;
	float f;
	double d;

	if (t->wire == WIRE_VARINT)
		take_varint(&content, &v);
	else
		v = little_endian(content);
	switch (t->number) {
	case NUM_RAW:
		break;
	case NUM_ZIGZAG:
		return (int64_t)(v >> 1 ^ -(v & 1));
	case NUM_SIGNED32:
		return (int32_t)v;
	case NUM_FLOAT:
		memcpy(&f, content.p, sizeof(f));
		return integer_of(f);
	case NUM_DOUBLE:
		memcpy(&d, content.p, sizeof(d));
		return integer_of(d);
	}
	return (int64_t)v;
}

static bool lookup(const struct query *q, struct str msg, struct sample *smp)
{
	unsigned wire = WIRE_BYTES;

	for (int i = 0; i < q->steps; i++)
		if (wire != WIRE_BYTES || !find_field(msg, q->path[i], &wire, &msg))
			return false;
	if (!q->type) {
		smp->s = msg;
		return true;
	}
	if (wire != q->type->wire)
		return false;
	smp_set_int(smp, number_of(q->type, msg));
	return true;
}

static bool conv_protobuf(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	return lookup(args[0].p, smp->s, smp);
}

/* Searches the gRPC messages that follow each other in a body; compressed ones cannot be told and
 * are read as they are. */
static bool conv_ungrpc(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	struct str rest = smp->s, msg;

	while (rest.n > GRPC_HEADER) {
		const unsigned char *len = (const unsigned char *)rest.p + 1;
		uint32_t n = (uint32_t)len[0] << 24 | len[1] << 16 | len[2] << 8 | len[3];

		rest = str_skip(rest, GRPC_HEADER);
		if (!take_bytes(&rest, n, &msg))
			return false;
		if (lookup(args[0].p, msg, smp))
			return true;
	}
	return false;
}

static bool parse_path(struct str text, struct query *q)
{
	while (text.p) {
		uint64_t number;

		if (q->steps == PATH_MAX_STEPS || !num_u64(str_cut(&text, '.'), &number) ||
		    number > FIELD_NUMBER_MAX)
			return false;
		q->path[q->steps++] = number;
	}
	return true;
}

static bool check_protobuf(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	struct query *q = arena_new(sc->mem, struct query);

	if (!parse_path(args[0].s, q))
		return conv_refuse(err, "expects field numbers with dots between them");
	for (size_t i = 0; nargs > 1 && i < ARRAY_LEN(types); i++)
		if (str_eqz(args[1].s, types[i].name))
			q->type = &types[i];
	if (nargs > 1 && !q->type) {
		load_err_set(err, NULL, "wrong field type '" STR_FMT "'", STR_ARG(args[1].s));
		return false;
	}
	args[0].p = q;
	return true;
}

const struct conv_row conv_protobuf_rows[CONV_PROTOBUF_ROWS] = {
	{ "protobuf", conv_protobuf, { 1, { ARG_STR, ARG_STR } }, check_protobuf, SMP_BIN, SMP_BIN,
	  "a field of a protocol buffers message, by its path", 0 },
	{ "ungrpc", conv_ungrpc, { 1, { ARG_STR, ARG_STR } }, check_protobuf, SMP_BIN, SMP_BIN,
	  "a field of a gRPC message, by its path", 0 },
};
