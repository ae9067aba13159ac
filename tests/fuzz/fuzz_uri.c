/* Targets and their normalisers: a second pass finds nothing to do, and a legal path stays one. */
#include "weir/base/obj.h"
#include "weir/http/query.h"
#include "weir/http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum uri_result normaliser_f(struct str s, struct sbuf *out);

static enum uri_result dotdot(struct str s, struct sbuf *out) { return uri_path_strip_dotdot(s, false, out); }
static enum uri_result dotdot_full(struct str s, struct sbuf *out) { return uri_path_strip_dotdot(s, true, out); }
static enum uri_result upper(struct str s, struct sbuf *out) { return uri_percent_to_uppercase(s, false, out); }
static enum uri_result upper_strict(struct str s, struct sbuf *out) { return uri_percent_to_uppercase(s, true, out); }
static enum uri_result decode_strict(struct str s, struct sbuf *out)
{
	return uri_percent_decode_unreserved(s, true, out);
}

static void settles(normaliser_f *f, struct str s, bool path)
{
	char mem[3100], again[9300], small[8];
	struct sbuf out = sbuf_fixed(mem, sizeof(mem)), second = sbuf_fixed(again, sizeof(again));
	struct sbuf tiny = sbuf_fixed(small, sizeof(small));

	f(s, &tiny);
	if (f(s, &out) != URI_CHANGED)
		return;
	WASSERT(!str_eq(sbuf_str(&out), s));
	WASSERT(f(sbuf_str(&out), &second) == URI_SAME && second.n == 0);
	WASSERT(!path || (out.n > 0 && out.p[0] == '/'));
}

/* An empty parameter at the end goes, so there may be a next time. */
static void shrinks(struct str query)
{
	char mem[1100];
	struct sbuf out = sbuf_fixed(mem, sizeof(mem));

	if (uri_query_sort_by_name(query, &out) == URI_CHANGED)
		WASSERT(out.n <= query.n && out.n + 1 >= query.n);
}

static void split(struct str s, bool unsafe)
{
	static const uint8_t methods[] = { METHOD_GET, METHOD_CONNECT, METHOD_OPTIONS };

	for (size_t i = 0; i < sizeof(methods); i++) {
		struct target t;
		size_t bad;

		if (!target_split(s, methods[i], unsafe, &t, &bad)) {
			WASSERT(s.n == 0 || bad < s.n);
			continue;
		}
		WASSERT((methods[i] == METHOD_CONNECT) == (t.form == TARGET_AUTHORITY));
		WASSERT(t.form != TARGET_ORIGIN || (t.path.n && t.path.p[0] == '/'));
		WASSERT(t.form != TARGET_ABSOLUTE || (t.scheme.n && t.authority.n));
		WASSERT(t.form != TARGET_ABSOLUTE || t.path.n || methods[i] == METHOD_OPTIONS);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_make((const char *)data, size), path = uri_path(s), rest = query_begin(s, '?'), v;
	struct query_param p;
	struct authority a;

	if (size > 1000)
		return 0;
	split(s, false);
	split(s, true);
	if (authority_split(s, &a))
		WASSERT(a.host.n > 0 && a.port.n <= 5);
	settles(uri_fragment_encode, s, false);
	settles(uri_fragment_strip, s, false);
	settles(uri_path_merge_slashes, path, true);
	settles(uri_path_strip_dot, path, true);
	settles(dotdot, path, true);
	settles(dotdot_full, path, true);
	settles(upper, s, false);
	settles(upper_strict, s, false);
	shrinks(uri_query(s));
	decode_strict(s, &(struct sbuf){ .p = (char[16]){ 0 }, .cap = 16 });
	while (query_next(&rest, '?', &p))
		WASSERT(p.name.p >= s.p && p.value.p + p.value.n <= s.p + s.n);
	query_find(s, STR("a"), ';', true, &v);
	return 0;
}
