/* MQTT 3.1, 3.1.1 and 5.0: the packets CONNECT and CONNACK, the first in each direction. A packet
 * is read as a whole into slices; the converters then say whether that worked, or give one of the
 * pieces. */
#include "conv_priv.h"
#include "weir/base/num.h"

enum packet_type { CONNECT = 1, CONNACK = 2 };

/* Where a property may stand. */
enum place { IN_CONNECT = 1, IN_WILL = 2, IN_CONNACK = 4 };

enum prop_kind {
	PROP_BOOL,
	PROP_U16,
	PROP_U16_NOT_0,
	PROP_U32,
	PROP_U32_NOT_0,
	PROP_BYTES,
	PROP_PAIR
};

#define PROPS 43
#define USER_PROPERTY 38
static const struct {
	uint8_t places, kind;
} props[PROPS] = {
	[1] = { IN_WILL, PROP_BOOL }, /* payload format indicator */
	[2] = { IN_WILL, PROP_U32 }, /* message expiry interval */
	[3] = { IN_WILL, PROP_BYTES }, /* content type */
	[8] = { IN_WILL, PROP_BYTES }, /* response topic */
	[9] = { IN_WILL, PROP_BYTES }, /* correlation data */
	[17] = { IN_CONNECT | IN_CONNACK, PROP_U32 }, /* session expiry interval */
	[18] = { IN_CONNACK, PROP_BYTES }, /* assigned client identifier */
	[19] = { IN_CONNACK, PROP_U16 }, /* server keep alive */
	[21] = { IN_CONNECT | IN_CONNACK, PROP_BYTES }, /* authentication method */
	[22] = { IN_CONNECT | IN_CONNACK, PROP_BYTES }, /* authentication data */
	[23] = { IN_CONNECT, PROP_BOOL }, /* request problem information */
	[24] = { IN_WILL, PROP_U32 }, /* will delay interval */
	[25] = { IN_CONNECT, PROP_BOOL }, /* request response information */
	[26] = { IN_CONNACK, PROP_BYTES }, /* response information */
	[28] = { IN_CONNACK, PROP_BYTES }, /* server reference */
	[31] = { IN_CONNACK, PROP_BYTES }, /* reason string */
	[33] = { IN_CONNECT | IN_CONNACK, PROP_U16_NOT_0 }, /* receive maximum */
	[34] = { IN_CONNECT | IN_CONNACK, PROP_U16 }, /* topic alias maximum */
	[36] = { IN_CONNACK, PROP_BOOL }, /* maximum QoS */
	[37] = { IN_CONNACK, PROP_BOOL }, /* retain available */
	[USER_PROPERTY] = { IN_CONNECT | IN_WILL | IN_CONNACK, PROP_PAIR },
	[39] = { IN_CONNECT | IN_CONNACK, PROP_U32_NOT_0 }, /* maximum packet size */
	[40] = { IN_CONNACK, PROP_BOOL }, /* wildcard subscription available */
	[41] = { IN_CONNACK, PROP_BOOL }, /* subscription identifiers available */
	[42] = { IN_CONNACK, PROP_BOOL }, /* shared subscription available */
};

/* A piece of a packet: a number, or bytes. */
struct piece {
	bool set, number;
	uint32_t v;
	struct str s;
};

enum piece_name {
	P_FLAGS,
	P_PROTOCOL_NAME,
	P_PROTOCOL_VERSION,
	P_CLIENT_IDENTIFIER,
	P_WILL_TOPIC,
	P_WILL_PAYLOAD,
	P_USERNAME,
	P_PASSWORD,
	P_KEEPALIVE,
	P_REASON_CODE,
	P_NAMES,
};

/* Names and, behind them, properties by their number. */
struct packet {
	enum packet_type type;
	struct piece pieces[P_NAMES + PROPS];
};

#define VERSION_5 5
#define FLAG_RESERVED 0x01
#define FLAG_WILL 0x04
#define FLAG_PASSWORD 0x40
#define FLAG_USERNAME 0x80

/* --- reading --- */

static bool take_number(struct str *s, size_t bytes, uint32_t *v)
{
	*v = 0;
	if (s->n < bytes)
		return false;
	for (size_t i = 0; i < bytes; i++)
		*v = *v << 8 | (unsigned char)s->p[i];
	*s = str_skip(*s, bytes);
	return true;
}

static bool take_bytes(struct str *s, struct str *out)
{
	uint32_t n;

	if (!take_number(s, 2, &n) || n > s->n)
		return false;
	*out = str_head(*s, n);
	*s = str_skip(*s, n);
	return true;
}

static bool take_varint(struct str *s, uint32_t *v)
{
	*v = 0;
	for (size_t i = 0; i < 4 && i < s->n; i++) {
		unsigned char c = s->p[i];

		*v |= (uint32_t)(c & 0x7f) << (7 * i);
		if (!(c & 0x80)) {
			*s = str_skip(*s, i + 1);
			return true;
		}
	}
	return false;
}

static void set_number(struct piece *p, uint32_t v)
{
	*p = (struct piece){ .set = true, .number = true, .v = v };
}

static bool take_number_piece(struct str *s, size_t bytes, struct piece *p)
{
	uint32_t v;

	if (!take_number(s, bytes, &v))
		return false;
	set_number(p, v);
	return true;
}

static bool take_bytes_piece(struct str *s, struct piece *p)
{
	*p = (struct piece){ .set = true };
	return take_bytes(s, &p->s);
}

static bool take_property(struct str *s, enum prop_kind kind, struct piece *p)
{
	struct piece pair;

	switch (kind) {
	case PROP_BOOL:
		return take_number_piece(s, 1, p) && p->v <= 1;
	case PROP_U16:
		return take_number_piece(s, 2, p);
	case PROP_U16_NOT_0:
		return take_number_piece(s, 2, p) && p->v;
	case PROP_U32:
		return take_number_piece(s, 4, p);
	case PROP_U32_NOT_0:
		return take_number_piece(s, 4, p) && p->v;
	case PROP_BYTES:
		return take_bytes_piece(s, p);
	case PROP_PAIR:
		return take_bytes_piece(s, &pair) && take_bytes_piece(s, &pair);
	}
	return false;
}

/* Properties that are not there have the number 0, as HAProxy gives it. */
static void default_properties(struct packet *k, enum place place)
{
	for (int id = 0; id < PROPS; id++)
		if ((props[id].places & place) && props[id].kind < PROP_BYTES)
			k->pieces[P_NAMES + id].number = true;
}

static bool take_properties(struct str *s, enum place place, struct packet *k)
{
	uint32_t n;
	struct str rest;

	if (!take_varint(s, &n) || n > s->n)
		return false;
	rest = str_head(*s, n);
	*s = str_skip(*s, n);
	default_properties(k, place);
	while (rest.n) {
		uint32_t id;
		struct piece *p;

		if (!take_number(&rest, 1, &id) || id >= PROPS || !(props[id].places & place))
			return false;
		p = &k->pieces[P_NAMES + id];
		if (p->set || !take_property(&rest, props[id].kind, p))
			return false;
	}
	return true;
}

/* --- the two packets --- */

static bool known_protocol(const struct piece *name, const struct piece *version)
{
	if (!str_ieq(name->s, STR("MQTT")) && !str_ieq(name->s, STR("MQIsdp")))
		return false;
	return version->v >= 3 && version->v <= VERSION_5;
}

static bool take_will(struct str *s, struct packet *k)
{
	if (k->pieces[P_PROTOCOL_VERSION].v == VERSION_5 && !take_properties(s, IN_WILL, k))
		return false;
	return take_bytes_piece(s, &k->pieces[P_WILL_TOPIC]) &&
	       take_bytes_piece(s, &k->pieces[P_WILL_PAYLOAD]);
}

static bool take_connect(struct str *s, struct packet *k)
{
	struct piece *p = k->pieces;
	uint32_t flags;

	if (!take_bytes_piece(s, &p[P_PROTOCOL_NAME]) ||
	    !take_number_piece(s, 1, &p[P_PROTOCOL_VERSION]) ||
	    !known_protocol(&p[P_PROTOCOL_NAME], &p[P_PROTOCOL_VERSION]))
		return false;
	if (!take_number_piece(s, 1, &p[P_FLAGS]) || !take_number_piece(s, 2, &p[P_KEEPALIVE]))
		return false;
	flags = p[P_FLAGS].v;
	if (flags & FLAG_RESERVED)
		return false;
	if (p[P_PROTOCOL_VERSION].v == VERSION_5 && !take_properties(s, IN_CONNECT, k))
		return false;
	if (!take_bytes_piece(s, &p[P_CLIENT_IDENTIFIER]))
		return false;
	if ((flags & FLAG_WILL) && !take_will(s, k))
		return false;
	if ((flags & FLAG_USERNAME) && !take_bytes_piece(s, &p[P_USERNAME]))
		return false;
	return !(flags & FLAG_PASSWORD) || take_bytes_piece(s, &p[P_PASSWORD]);
}

/* It does not tell its version: 5.0 has properties behind the two bytes, even when there are
 * none. */
static bool take_connack(struct str *s, struct packet *k)
{
	struct piece *p = k->pieces;

	if (!take_number_piece(s, 1, &p[P_FLAGS]) || p[P_FLAGS].v > 1 ||
	    !take_number_piece(s, 1, &p[P_REASON_CODE]))
		return false;
	set_number(&p[P_PROTOCOL_VERSION], s->n ? VERSION_5 : VERSION_5 - 1);
	return s->n == 0 || take_properties(s, IN_CONNACK, k);
}

enum outcome { VALID, INVALID, TOO_SHORT };

static enum outcome read_packet(struct str s, struct packet *k)
{
	uint32_t first, n;
	bool ok;

	memset(k, 0, sizeof(*k));
	if (!take_number(&s, 1, &first))
		return TOO_SHORT;
	k->type = first >> 4;
	if ((k->type != CONNECT && k->type != CONNACK) || (first & 0x0f))
		return INVALID;
	if (!take_varint(&s, &n))
		return s.n < 4 ? TOO_SHORT : INVALID;
	if (n > s.n)
		return TOO_SHORT;
	s = str_head(s, n);
	ok = k->type == CONNECT ? take_connect(&s, k) : take_connack(&s, k);
	return ok && s.n == 0 ? VALID : INVALID;
}

/* --- converters --- */

static bool conv_is_valid(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	struct packet k;
	enum outcome o = read_packet(smp->s, &k);

	if (o == TOO_SHORT) {
		smp->flags |= SMP_F_MAY_CHANGE;
		return false;
	}
	smp_set_bool(smp, o == VALID);
	return true;
}

static bool conv_field_value(const struct arg *args, struct sample *smp, struct xctx *x,
			     const struct conv_row *row)
{
	struct packet k;
	enum outcome o = read_packet(smp->s, &k);
	const struct piece *p = &k.pieces[args[1].i];
	struct sbuf b;

	if (o == TOO_SHORT)
		smp->flags |= SMP_F_MAY_CHANGE;
	if (o != VALID || k.type != (enum packet_type)args[0].i || (!p->number && !p->s.n))
		return false;
	if (!p->number) {
		smp_set_str(smp, p->s, smp->flags & SMP_F_CONST);
		return true;
	}
	b = conv_buf(x, 12);
	sbuf_putu(&b, p->v);
	return conv_set_str(smp, &b);
}

static bool parse_type(struct arg *a)
{
	if (str_ieq(a->s, STR("connect")) || str_eqz(a->s, "1"))
		a->i = CONNECT;
	else if (str_ieq(a->s, STR("connack")) || str_eqz(a->s, "2"))
		a->i = CONNACK;
	else
		return false;
	return true;
}

static bool parse_piece(struct arg *a, unsigned places)
{
	static const struct {
		const char *name;
		unsigned places;
	} names[P_NAMES] = {
		[P_FLAGS] = { "flags", IN_CONNECT | IN_CONNACK },
		[P_PROTOCOL_NAME] = { "protocol_name", IN_CONNECT },
		[P_PROTOCOL_VERSION] = { "protocol_version", IN_CONNECT | IN_CONNACK },
		[P_CLIENT_IDENTIFIER] = { "client_identifier", IN_CONNECT },
		[P_WILL_TOPIC] = { "will_topic", IN_CONNECT },
		[P_WILL_PAYLOAD] = { "will_payload", IN_CONNECT },
		[P_USERNAME] = { "username", IN_CONNECT },
		[P_PASSWORD] = { "password", IN_CONNECT },
		[P_KEEPALIVE] = { "keepalive", IN_CONNECT },
		[P_REASON_CODE] = { "reason_code", IN_CONNACK },
	};
	uint64_t id;

	for (int i = 0; i < P_NAMES; i++) {
		if ((names[i].places & places) && str_ieq(a->s, str_c(names[i].name))) {
			a->i = i;
			return true;
		}
	}
	if (!num_u64(a->s, &id) || id >= PROPS || !(props[id].places & places))
		return false;
	a->i = P_NAMES + id;
	return true;
}

static bool check_field_value(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (!parse_type(&args[0]))
		return conv_refuse(err, "expects the packet type 'connect' or 'connack'");
	if (parse_piece(&args[1], args[0].i == CONNECT ? IN_CONNECT | IN_WILL : IN_CONNACK))
		return true;
	load_err_set(err, NULL, "'" STR_FMT "' is no field or property of this packet",
		     STR_ARG(args[1].s));
	return false;
}

const struct conv_row conv_mqtt_rows[CONV_MQTT_ROWS] = {
	{ "mqtt_is_valid", conv_is_valid, { 0 }, NULL, SMP_BIN, SMP_BOOL,
	  "is this a valid MQTT packet?", 0 },
	{ "mqtt_field_value", conv_field_value, { 2, { ARG_STR, ARG_STR } }, check_field_value,
	  SMP_BIN, SMP_STR, "a field or property of an MQTT packet", 0 },
};
