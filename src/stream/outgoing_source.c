/* Where a stream's server connection comes from: `source` of the server line, else of the backend. */
#include "stream_priv.h"
#include "weir/stream/outgoing.h"

#define LAST_MAX 64	/* values that can be counted from the end */

/* Occurrence n of a comma-separated field: 1 the first, -1 the last, however many a client puts in front of it. */
static struct str field_value(const struct msg *m, struct str name, int n)
{
	struct str last[LAST_MAX], rest;
	int count = 0;

	for (int i = msg_find(m, name, 0); i >= 0; i = msg_find(m, name, i + 1)) {
		rest = field_value_str(&m->f[i]);
		while (rest.p) {
			struct str one = str_trim(str_cut(&rest, ','));

			if (count + 1 == n)
				return one;
			last[count++ % LAST_MAX] = one;
		}
	}
	return n < 0 && n >= -MIN(count, LAST_MAX) ? last[(count + n) % LAST_MAX] : STR_NONE;
}

static struct addr *copy(struct stream *s, const struct addr *a)
{
	struct addr *out = arena_new(s->mem, struct addr);

	*out = *a;
	return out;
}

static struct addr *from_field(struct stream *s, const struct source_net *n)
{
	char name[256];
	struct addr a;

	if (!(s->flags & ST_HTTP) || n->usesrc_hdr.n >= sizeof(name))
		return NULL;
	str_z(n->usesrc_hdr, name, sizeof(name));
	str_lower(name, n->usesrc_hdr.n);
	return addr_parse_ip(&a, field_value(s->req, str_c(name), n->usesrc_occ)) ? copy(s, &a) : NULL;
}

/* The address that is not ours, or NULL: it cannot be told, or is none of a network. */
static const struct addr *foreign(struct stream *s, const struct source_net *n)
{
	const struct addr *src;
	struct addr *out;

	switch (n->usesrc) {
	case USESRC_ADDR:
		return &n->usesrc_addr;
	case USESRC_HDR_IP:
		return from_field(s, n);
	case USESRC_CLIENT:
	case USESRC_CLIENTIP:
		break;
	default:
		return NULL;
	}
	src = stream_src(s);
	if (!src || (addr_family(src) != AF_INET && addr_family(src) != AF_INET6))
		return NULL;
	out = copy(s, src);
	if (n->usesrc == USESRC_CLIENTIP)
		addr_set_port(out, 0);
	return out;
}

bool outgoing_source(struct stream *s, struct bconn_req *r)
{
	const struct source_net *n = s->line->net.source_set ? &s->line->net.source : &s->be->source;

	r->source = n;
	r->src = foreign(s, n);
	r->transparent = r->src != NULL;
	if (!r->src && n->usesrc == USESRC_HDR_IP)
		return false;
	if (!r->src && addr_isset(&n->addr))
		r->src = &n->addr;
	return true;
}
