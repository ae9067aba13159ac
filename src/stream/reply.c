/* Answers made here: the built-in pages, errorfile and http-error pages, replies of rules. */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "stream_priv.h"

#define PAGE(title, text) STR_INIT("<html><body><h1>" title "</h1>\n" text "\n</body></html>\n")
static const struct page { int status; struct str reason, body; bool close;
} pages[] = {
	{ 200, STR_INIT("OK"), PAGE("200 OK", "Service ready."), false },
	{ 400, STR_INIT("Bad request"), PAGE("400 Bad request", "Your browser sent an invalid request."), true },
	{ 401, STR_INIT("Unauthorized"),
	  PAGE("401 Unauthorized", "You need a valid user and password to access this content."), false },
	{ 403, STR_INIT("Forbidden"), PAGE("403 Forbidden", "Request forbidden by administrative rules."), false },
	{ 404, STR_INIT("Not Found"), PAGE("404 Not Found", "The resource could not be found."), false },
	{ 405, STR_INIT("Method Not Allowed"),
	  PAGE("405 Method Not Allowed", "A request was made of a resource using a request method not supported by "
					 "that resource."),
	  false },
	{ 407, STR_INIT("Unauthorized"),
	  PAGE("407 Unauthorized", "You need a valid user and password to access this content."), false },
	{ 408, STR_INIT("Request Time-out"),
	  PAGE("408 Request Time-out", "Your browser didn't send a complete request in time."), true },
	{ 410, STR_INIT("Gone"),
	  PAGE("410 Gone", "The resource is no longer available and will not be available again."), false },
	{ 413, STR_INIT("Payload Too Large"),
	  PAGE("413 Payload Too Large", "The request entity exceeds the maximum allowed."), false },
	{ 414, STR_INIT("URI Too Long"),
	  PAGE("414 URI Too Long", "The request target is longer than the server is willing to read."), true },
	{ 421, STR_INIT("Misdirected Request"),
	  PAGE("421 Misdirected Request", "Request sent to a non-authoritative server."), false },
	{ 422, STR_INIT("Unprocessable Content"),
	  PAGE("422 Unprocessable Content", "The server cannot process the contained instructions."), false },
	{ 425, STR_INIT("Too Early"), PAGE("425 Too Early", "Your browser sent early data."), false },
	{ 429, STR_INIT("Too Many Requests"),
	  PAGE("429 Too Many Requests", "You have sent too many requests in a given amount of time."), false },
	{ 431, STR_INIT("Request Header Fields Too Large"),
	  PAGE("431 Request Header Fields Too Large", "Request header fields too large."), true },
	{ 500, STR_INIT("Internal Server Error"),
	  PAGE("500 Internal Server Error", "An internal server error occurred."), false },
	{ 501, STR_INIT("Not Implemented"),
	  PAGE("501 Not Implemented", "The server does not support the functionality required to fulfill the "
				      "request."),
	  false },
	{ 502, STR_INIT("Bad Gateway"),
	  PAGE("502 Bad Gateway", "The server returned an invalid or incomplete response."), false },
	{ 503, STR_INIT("Service Unavailable"),
	  PAGE("503 Service Unavailable", "No server is available to handle this request."), false },
	{ 504, STR_INIT("Gateway Time-out"), PAGE("504 Gateway Time-out", "The server didn't respond in time."),
	  false },
};

static const struct page *page_find(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (pages[i].status == status)
			return &pages[i];
	return NULL;
}

struct str reply_builtin(int status)
{
	const struct page *p = page_find(status);

	return p ? p->body : STR_NONE;
}

/* The page a section configured for a status: the backend's first, then the frontend's. */
const struct reply *reply_find(const struct stream *s, int status)
{
	const struct proxy *where[] = { s->be, s->fe };

	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		if (where[i] && status >= 0 && status < REPLY_CODES && where[i]->errors[status])
			return where[i]->errors[status];
	return NULL;
}

static struct msg *reply_msg(struct stream *s, int status)
{
	struct msg *m = arena_new(s->mem, struct msg);

	msg_init(m, true, s->mem);
	m->major = m->minor = 1;
	m->flags |= MSG_LOCAL;
	msg_set_status(m, status, STR_NONE);
	s->res = m;
	return m;
}

static void reply_length(struct stream *s, struct msg *m, size_t n)
{
	m->body = n ? BODY_LENGTH : BODY_NONE;
	m->body_len = n;
	m->flags |= MSG_HAS_LENGTH;
	msg_add_id(m, FIELD_CONTENT_LENGTH, arena_printf(s->mem, "%zu", n));
}

static void builtin_fill(struct stream *s, struct msg *m, int status, struct str *body)
{
	const struct page *p = page_find(status);

	*body = p ? p->body : STR_NONE;
	if (p)
		m->reason = p->reason;
	reply_length(s, m, body->n);
	if (!p)
		return;
	msg_add_id(m, FIELD_CACHE_CONTROL, STR("no-cache"));
	msg_add_id(m, FIELD_CONTENT_TYPE, STR("text/html"));
	if (p->close)
		s->front->flags |= GATE_CLOSE;
}

/* The text of a log format, in the stream's arena. */
static struct str lf_text(struct stream *s, const struct logfmt *f, size_t max)
{
	struct xctx *x = stream_x(s, s->be ? s->be : s->fe, s->back && s->res ? X_RES : X_REQ);
	char few[1024];
	struct sbuf b = sbuf_fixed(few, sizeof(few));

	logfmt_build(f, &b, x);
	if (!b.full)
		return arena_str(s->mem, sbuf_str(&b));
	b = sbuf_fixed(arena_bytes(s->mem, max), max);
	logfmt_build(f, &b, x);
	return sbuf_str(&b);
}

void reply_prepare(struct stream *s, const struct reply *r)
{
	size_t n = 1;

	s->reply_texts = NULL;
	if (!r || r->raw || (!r->lf_body && !r->hdrs))
		return;
	for (const struct reply_hdr *h = r->hdrs; h; h = h->next)
		n++;
	s->reply_texts = arena_zalloc(s->mem, n * sizeof(*s->reply_texts));
	if (r->lf_body)
		s->reply_texts[0] = lf_text(s, r->lf_body, s->conf->global.tune.bufsize);
	n = 1;
	for (const struct reply_hdr *h = r->hdrs; h; h = h->next)
		s->reply_texts[n++] = lf_text(s, h->value, 4096);
}

static void raw_fill(struct stream *s, struct msg *m, const struct reply *r, struct str *body)
{
	*body = r->body;
	if (r->send_status)
		msg_set_status(m, r->send_status, STR_NONE);
	if (r->reason.n)
		m->reason = r->reason;
	reply_length(s, m, body->n);
	for (int i = 0; i < r->nraw; i++)
		msg_add(m, r->raw_hdrs[2 * i], r->raw_hdrs[2 * i + 1]);
}

static void rule_fill(struct stream *s, struct msg *m, const struct reply *r, struct str *body)
{
	const struct str *texts = s->reply_texts;

	*body = r->lf_body ? texts[0] : r->body;
	if (r->reason.n)
		m->reason = r->reason;
	reply_length(s, m, body->n);
	if (r->ctype.n && body->n)
		msg_add_id(m, FIELD_CONTENT_TYPE, r->ctype);
	for (const struct reply_hdr *h = r->hdrs; h; h = h->next)
		if ((++texts)->n)
			msg_add(m, h->name, *texts);
}

void reply_build(struct stream *s, int status, const struct reply *r, struct str *body)
{
	struct msg *m = reply_msg(s, status);

	if (!r)
		builtin_fill(s, m, status, body);
	else if (r->raw)
		raw_fill(s, m, r, body);
	else
		rule_fill(s, m, r, body);
}

/* --- redirections --- */

void reply_add_raw(struct reply *r, struct str name, struct str value)
{
	r->raw_hdrs[2 * r->nraw] = name;
	r->raw_hdrs[2 * r->nraw + 1] = value;
	r->nraw++;
}

/* 302 has two names; tools know this one of redirects. */
struct reply *reply_redirect(struct arena *mem, int code, struct str location)
{
	struct reply *r = arena_new(mem, struct reply);

	r->status = code;
	r->empty = r->raw = true;
	r->reason = code == 302 ? STR("Found") : status_reason(code);
	r->raw_hdrs = arena_array(mem, struct str, 6);
	reply_add_raw(r, STR("location"), location);
	if (code == 302 || code == 303 || code == 307)
		reply_add_raw(r, STR("cache-control"), STR("no-cache"));
	return r;
}
