#include "weir/http/msg.h"

#include "weir/base/obj.h"
#include "weir/http/chars.h"
#include "weir/http/uri.h"

/* Enough for nearly every message; the array doubles beyond. */
#define FIRST_FIELDS 16

WSTATIC(FIELD_ID_COUNT <= 64);	/* bits of ids */

void msg_init(struct msg *m, bool is_response, struct arena *mem)
{
	*m = (struct msg){ .is_response = is_response, .mem = mem, .major = 1, .minor = 1 };
}

static size_t field_bytes(const struct field *f)
{
	return f->name_len + f->value_len + 4;	/* ": " and CRLF */
}

static size_t target_bytes(const struct msg *m)
{
	size_t n = m->path.n;

	if (m->form == TARGET_AUTHORITY)
		return m->authority.n;
	if (m->form == TARGET_ABSOLUTE)
		n += m->scheme.n + 3 + m->authority.n;
	return n;
}

/* "GET x HTTP/1.1" or "HTTP/1.1 200 OK", its CRLF, and the empty line. */
static size_t start_bytes(const struct msg *m)
{
	return m->is_response ? 12 + 1 + m->reason.n + 4 : m->method_text.n + target_bytes(m) + 10 + 4;
}

size_t msg_measure(const struct msg *m)
{
	size_t n = start_bytes(m);

	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED))
			n += field_bytes(&m->f[i]);
	return n;
}

struct field *msg_room(struct msg *m)
{
	struct field *more;
	unsigned cap;

	if (m->nf < m->cap)
		return &m->f[m->nf];
	if (m->cap == UINT16_MAX)
		return NULL;
	cap = m->cap ? MIN(m->cap * 2U, (unsigned)UINT16_MAX) : FIRST_FIELDS;
	more = arena_alloc(m->mem, cap * sizeof(*more));
	if (m->nf)
		memcpy(more, m->f, m->nf * sizeof(*more));
	m->f = more;
	m->cap = cap;
	return &m->f[m->nf];
}

void msg_reserve(struct msg *m, unsigned n)
{
	if (m->cap)
		return;
	m->cap = (uint16_t)MIN(n, (unsigned)UINT16_MAX);
	m->f = arena_alloc(m->mem, m->cap * sizeof(*m->f));
}

/* ---- look-up ------------------------------------------------------------------------------- */

int msg_find_id(const struct msg *m, enum field_id id, int from)
{
	if (!(m->ids >> id & 1))
		return -1;
	for (int i = from; i < m->nf; i++)
		if (m->f[i].id == id && !(m->f[i].flags & FIELD_F_DELETED))
			return i;
	return -1;
}

/* Names often begin alike and differ at the end. */
static inline bool same_name(const struct field *f, struct str name)
{
	return f->name_len == name.n && f->name[name.n - 1] == name.p[name.n - 1] &&
	       str_same_short(f->name, name.p, name.n);
}

int msg_find_key(const struct msg *m, const struct field_key *key, int from)
{
	if (key->id != FIELD_OTHER)
		return msg_find_id(m, key->id, from);
	if (!(m->ids & 1) || !key->name.n)
		return -1;
	for (int i = from; i < m->nf; i++) {
		const struct field *f = &m->f[i];

		if (f->id == FIELD_OTHER && same_name(f, key->name) && !(f->flags & FIELD_F_DELETED))
			return i;
	}
	return -1;
}

int msg_find(const struct msg *m, struct str lower_name, int from)
{
	struct field_key key = field_key(lower_name);

	return msg_find_key(m, &key, from);
}

bool msg_next_token(const struct msg *m, enum field_id id, struct field_iter *it, struct str *token)
{
	for (int i; (i = msg_find_id(m, id, it->index)) >= 0; it->index = i + 1, it->off = 0) {
		struct str v = field_value_str(&m->f[i]);

		if (i != it->index)
			it->off = 0;
		it->index = i;
		while (it->off < v.n) {
			size_t end = http_unquoted(v, it->off, ',', ',');

			*token = str_trim(str_make(v.p + it->off, end - it->off));
			it->off = end + 1;
			if (token->n)
				return true;
		}
	}
	return false;
}

bool msg_has_token(const struct msg *m, enum field_id id, struct str token)
{
	struct field_iter it = { 0 };
	struct str have;

	while (msg_next_token(m, id, &it, &have))
		if (str_ieq(have, token))
			return true;
	return false;
}

struct str msg_host(const struct msg *m)
{
	int i = msg_find_id(m, FIELD_HOST, 0);

	return i >= 0 ? field_value_str(&m->f[i]) : m->authority;
}

struct str msg_path_only(const struct msg *m)
{
	return uri_path(m->path);
}

struct str msg_query(const struct msg *m)
{
	return uri_query(m->path);
}

/* ---- change -------------------------------------------------------------------------------- */

static inline bool unsafe_in_value(unsigned char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

/* What rules put into a value may come from decoded input: a line end there would be a second field. */
struct str msg_clean_value(struct arena *mem, struct str value)
{
	char *copy;

	if (http_value_ok(value))
		return value;
	for (size_t i = 0; i < value.n; i++) {
		if (!unsafe_in_value(value.p[i]))
			continue;
		copy = arena_bytes(mem, value.n);
		for (size_t j = 0; j < value.n; j++)
			copy[j] = unsafe_in_value(value.p[j]) ? ' ' : value.p[j];
		return str_make(copy, value.n);
	}
	return value;
}

/* An absolute target and Host never disagree: who changes one changes the other. */
static void host_changed(struct msg *m, struct str value)
{
	if (m->form != TARGET_ABSOLUTE || m->authority.n == 0)
		return;
	m->bytes -= start_bytes(m);
	m->authority = value;
	m->bytes += start_bytes(m);
}

static void authority_changed(struct msg *m)
{
	int i = msg_find_id(m, FIELD_HOST, 0);
	size_t at = str_rchr(m->authority, '@');

	if (i >= 0 && m->authority.n) {
		struct field *f = &m->f[i];
		struct str host = str_skip(m->authority, at + 1);	/* no '@': (size_t)-1 + 1 */

		m->bytes += host.n - f->value_len;
		f->value = host.p;
		f->value_len = host.n;
	}
}

/* The value has been checked. */
static inline void append(struct msg *m, enum field_id id, struct str name, struct str value)
{
	struct field *f = m->nf < m->cap ? &m->f[m->nf] : msg_room(m);

	WASSERT(name.n > 0 && name.n <= UINT16_MAX && value.n <= UINT32_MAX);
	if (!f)
		return;
	*f = (struct field){ .name = name.p, .name_len = name.n, .value = value.p, .value_len = value.n, .id = id };
	m->nf++;
	m->live++;
	m->ids |= (uint64_t)1 << id;
	m->bytes += field_bytes(f);
	if (id == FIELD_HOST)
		host_changed(m, value);
}

static void add(struct msg *m, enum field_id id, struct str name, struct str value)
{
	append(m, id, name, msg_clean_value(m->mem, value));
}

void msg_add(struct msg *m, struct str name, struct str value)
{
	add(m, field_id(name), name, value);
}

void msg_add_id(struct msg *m, enum field_id id, struct str value)
{
	add(m, id, field_name(id), value);
}

void msg_add_copy(struct msg *m, struct str name, struct str value)
{
	enum field_id id = field_id(name);

	add(m, id, id == FIELD_OTHER ? arena_str(m->mem, name) : field_name(id), arena_str(m->mem, value));
}

void msg_add_clean(struct msg *m, const struct field_key *key, struct str value)
{
	append(m, key->id, key->name, value);
}

void msg_add_read(struct msg *m, enum field_id id, struct str name, struct str value)
{
	append(m, id, id == FIELD_OTHER ? arena_str(m->mem, name) : field_name(id), arena_str(m->mem, value));
}

void msg_del_at(struct msg *m, int i)
{
	WASSERT(i >= 0 && i < m->nf);
	if (m->f[i].flags & FIELD_F_DELETED)
		return;
	m->f[i].flags |= FIELD_F_DELETED;
	m->bytes -= field_bytes(&m->f[i]);
	m->live--;
}

int msg_del_id(struct msg *m, enum field_id id)
{
	int n = 0;

	for (int i = msg_find_id(m, id, 0); i >= 0; i = msg_find_id(m, id, i + 1), n++)
		msg_del_at(m, i);
	return n;
}

int msg_del_key(struct msg *m, const struct field_key *key)
{
	int n = 0;

	for (int i = msg_find_key(m, key, 0); i >= 0; i = msg_find_key(m, key, i + 1), n++)
		msg_del_at(m, i);
	return n;
}

int msg_del(struct msg *m, struct str lower_name)
{
	struct field_key key = field_key(lower_name);

	return msg_del_key(m, &key);
}

void msg_set_value(struct msg *m, int i, struct str value)
{
	struct field *f = &m->f[i];

	WASSERT(i >= 0 && i < m->nf && value.n <= UINT32_MAX);
	value = msg_clean_value(m->mem, value);
	if (!(f->flags & FIELD_F_DELETED))
		m->bytes += value.n - f->value_len;
	f->value = value.p;
	f->value_len = value.n;
	if (f->id == FIELD_HOST)
		host_changed(m, value);
}

void msg_set_method(struct msg *m, struct str method)
{
	m->bytes -= start_bytes(m);
	m->method = method_find(method);
	m->method_text = m->method != METHOD_OTHER ? method_name(m->method) : arena_str(m->mem, method);
	m->bytes += start_bytes(m);
}

void msg_set_status(struct msg *m, int status, struct str reason)
{
	WASSERT(status >= 100 && status <= 999);
	m->bytes -= start_bytes(m);
	m->status = status;
	m->reason = reason.n ? msg_clean_value(m->mem, arena_str(m->mem, reason)) : status_reason(status);
	m->bytes += start_bytes(m);
}

/* Copies text for a request line: bytes that would end it are percent-encoded. lead: put before it. */
static struct str safe_target(struct msg *m, struct str text, const char *lead)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = strlen(lead);
	char *to = arena_bytes(m->mem, text.n * 3 + n), *at = to;

	memcpy(at, lead, n);
	at += n;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (c > ' ' && c != 0x7f) {
			*at++ = c;
			continue;
		}
		*at++ = '%';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	return str_make(to, at - to);
}

void msg_set_pathq(struct msg *m, struct str pathq)
{
	bool rooted = pathq.n && pathq.p[0] == '/';
	bool star = m->form == TARGET_ASTERISK && str_eq(pathq, STR("*"));

	m->bytes -= start_bytes(m);
	m->path = safe_target(m, pathq, rooted || star ? "" : "/");
	if (m->form == TARGET_ASTERISK && !star)
		m->form = TARGET_ORIGIN;
	m->bytes += start_bytes(m);
}

bool msg_set_uri(struct msg *m, struct str uri)
{
	struct target t;
	struct str copy = safe_target(m, uri, "");

	if (!target_split(copy, m->method, true, &t, NULL))
		return false;
	m->bytes -= start_bytes(m);
	m->form = t.form;
	m->scheme = t.scheme;
	m->authority = t.authority;
	m->path = t.path;
	m->flags |= MSG_TARGET_CHANGED;
	m->bytes += start_bytes(m);
	authority_changed(m);
	return true;
}

static struct str absolute_target(struct msg *m)
{
	const struct str parts[] = { m->scheme, STR("://"), m->authority, m->path };
	size_t n = 0;
	char *to, *at;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		n += parts[i].n;
	to = at = arena_bytes(m->mem, n);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return str_make(to, n);
}

struct str msg_target(struct msg *m)
{
	if (m->form == TARGET_AUTHORITY)
		return m->authority;
	if (m->form != TARGET_ABSOLUTE || m->scheme.n == 0)
		return m->path;
	return absolute_target(m);
}
