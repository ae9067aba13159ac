/* A keyword that stands in a proxy section of the wrong side: HAProxy mostly warns, sometimes refuses. */
#include "model.h"
#include "weir/model/sections.h"

static const char *last_word(const struct kw *row)
{
	const char *blank = strrchr(row->name, ' ');

	return blank ? blank + 1 : row->name;
}

/* Which side the row belongs to, that this section has not. */
static const char *side_missing(const struct kw *row)
{
	return row->scopes & KW_FRONTEND ? "frontend" : "backend";
}

static bool in_defaults(struct kw_call *k, const struct kw *row)
{
	return kw_err(k, 0, "'%s' not allowed in 'defaults' section.", row->name);
}

bool model_misplaced(struct kw_call *k)
{
	const struct proxy *p = k->ld->obj;
	const char *hint = "";
	const struct kw *row;
	int words;

	if (!(k->scope & KW_ANYPROXY))
		return false;
	row = kw_find(k->w, k->n, 0, KW_ANYPROXY, &words, NULL);
	if (!row || row->type == KT_REFUSED || row->flags & KW_F_HIDDEN)
		return false;
	k->at = k->n;
	kw_modifier(k, row);
	if (k->scope == KW_DEFAULTS) {
		in_defaults(k, row);
		return true;
	}
	if (row->flags & KW_F_MUST) {
		kw_err(k, 0, "'%s' not allowed because %s '" STR_FMT "' has no %s capability.", last_word(row),
		       proxy_kind(p), STR_ARG(p->name), side_missing(row));
		return true;
	}
	if (strncmp(row->name, "timeout ", 8) == 0 || strncmp(row->name, "rate-limit", 10) == 0) {
		kw_warn(k, 0, "%s%s%s will be ignored because %s '" STR_FMT "' has no %s capability",
		        row->name[0] == 't' ? "'" : "", row->name[0] == 't' ? row->name : "rate-limit sessions",
		        row->name[0] == 't' ? "'" : "", proxy_kind(p), STR_ARG(p->name), side_missing(row));
		return true;
	}
	if (strcmp(row->name, "maxconn") == 0)
		hint = " Maybe you want 'fullconn' instead ?";
	else if (strcmp(row->name, "fullconn") == 0)
		hint = " Maybe you want 'maxconn' instead ?";
	kw_warn(k, 0, "'%s' ignored because %s '" STR_FMT "' has no %s capability.%s", last_word(row), proxy_kind(p),
	        STR_ARG(p->name), side_missing(row), hint);
	return true;
}
