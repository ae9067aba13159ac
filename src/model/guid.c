/* Names that stay the same from one configuration to the next: `guid` of proxies and servers, `guid-prefix` of bind
 * lines. Counters of a stats-file find their objects by them. */
#include "model.h"

#include <ctype.h>

#define GUID_MAX 127

static bool is_allowed(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_:.-", c));
}

bool guid_ok(struct kw_call *k, struct str guid)
{
	if (guid.n > GUID_MAX) {
		kw_hint(k, "at most %d characters", GUID_MAX);
		return kw_err(k, k->at, "'%s': invalid length", k->kw->name);
	}
	for (size_t i = 0; i < guid.n; i++)
		if (!is_allowed(guid.p[i])) {
			kw_hint(k, "letters, digits, '_', ':', '.' and '-'");
			return kw_err_at(k, k->at, guid.p + i, "'%s': invalid character '%c'", k->kw->name, guid.p[i]);
		}
	return true;
}

bool guid_take(struct kw_call *k, int word, const char *name, struct str guid, struct str owner)
{
	struct conf *c = kw_conf(k);
	struct str *other = hmap_get(&c->guids, guid);

	if (other)
		return kw_err(k, word, "'%s': duplicate entry with " STR_FMT, name, STR_ARG(*other));
	other = arena_new(k->mem, struct str);
	*other = owner;
	hmap_put(&c->guids, guid, other);
	return true;
}

bool guid_parse_proxy(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'guid' : expects an argument");
	if (!guid_ok(k, kw_peek(k)) ||
	    !guid_take(k, k->at, "guid", kw_peek(k),
		       arena_printf(k->mem, "%s " STR_FMT, proxy_kind(p), STR_ARG(p->name))))
		return false;
	p->guid = k->w[k->at++];
	return true;
}

/* Servers that are added at run time are compared with those that run, by the command. */
bool guid_parse_server(struct kw_call *k)
{
	struct server_line *s = k->whole;
	struct proxy *p = k->proxy;

	if (s == &p->dflt_server) {
		k->within = NULL;
		return kw_err(k, k->at - 1, "'guid' option is not accepted in default-server sections.");
	}
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'guid' : expects an argument");
	if (!guid_ok(k, kw_peek(k)))
		return false;
	if (k->scope != KW_DYNSRV && !(s->flags & SRV_DYNAMIC) &&
	    !guid_take(k, k->at, "guid", kw_peek(k),
		       arena_printf(k->mem, "server " STR_FMT "/" STR_FMT, STR_ARG(p->name), STR_ARG(s->name))))
		return false;
	s->guid = k->w[k->at++];
	return true;
}

bool guid_parse_bind(struct kw_call *k)
{
	struct bind *b = k->whole;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'guid-prefix' : expects an argument");
	if (!guid_ok(k, kw_peek(k)))
		return false;
	b->guid_prefix = k->w[k->at++];
	return true;
}
