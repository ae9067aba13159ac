#include "weir/base/obj.h"
#include "weir/http/msg.h"

static const struct str methods[] = {
	[METHOD_OTHER] = STR_INIT(""), [METHOD_GET] = STR_INIT("GET"), [METHOD_HEAD] = STR_INIT("HEAD"),
	[METHOD_POST] = STR_INIT("POST"), [METHOD_PUT] = STR_INIT("PUT"),
	[METHOD_DELETE] = STR_INIT("DELETE"), [METHOD_OPTIONS] = STR_INIT("OPTIONS"),
	[METHOD_TRACE] = STR_INIT("TRACE"), [METHOD_CONNECT] = STR_INIT("CONNECT"),
	[METHOD_PATCH] = STR_INIT("PATCH"),
};

enum method method_find(struct str text)
{
	for (size_t m = METHOD_GET; m < ARRAY_LEN(methods); m++)
		if (str_eq(methods[m], text))
			return m;
	return METHOD_OTHER;
}

struct str method_name(enum method m)
{
	WASSERT(m < ARRAY_LEN(methods));
	return methods[m];
}

static const struct str fields[FIELD_ID_COUNT] = {
	[FIELD_OTHER] = STR_INIT(""),
	[FIELD_HOST] = STR_INIT("host"),
	[FIELD_CONNECTION] = STR_INIT("connection"),
	[FIELD_CONTENT_LENGTH] = STR_INIT("content-length"),
	[FIELD_TRANSFER_ENCODING] = STR_INIT("transfer-encoding"),
	[FIELD_UPGRADE] = STR_INIT("upgrade"),
	[FIELD_HTTP2_SETTINGS] = STR_INIT("http2-settings"),
	[FIELD_KEEP_ALIVE] = STR_INIT("keep-alive"),
	[FIELD_PROXY_CONNECTION] = STR_INIT("proxy-connection"),
	[FIELD_TE] = STR_INIT("te"),
	[FIELD_TRAILER] = STR_INIT("trailer"),
	[FIELD_EXPECT] = STR_INIT("expect"),
	[FIELD_COOKIE] = STR_INIT("cookie"),
	[FIELD_SET_COOKIE] = STR_INIT("set-cookie"),
	[FIELD_DATE] = STR_INIT("date"),
	[FIELD_X_FORWARDED_FOR] = STR_INIT("x-forwarded-for"),
	[FIELD_FORWARDED] = STR_INIT("forwarded"),
	[FIELD_USER_AGENT] = STR_INIT("user-agent"),
	[FIELD_REFERER] = STR_INIT("referer"),
	[FIELD_AUTHORIZATION] = STR_INIT("authorization"),
	[FIELD_PROXY_AUTHORIZATION] = STR_INIT("proxy-authorization"),
	[FIELD_WWW_AUTHENTICATE] = STR_INIT("www-authenticate"),
	[FIELD_CONTENT_TYPE] = STR_INIT("content-type"),
	[FIELD_CONTENT_ENCODING] = STR_INIT("content-encoding"),
	[FIELD_ACCEPT_ENCODING] = STR_INIT("accept-encoding"),
	[FIELD_CACHE_CONTROL] = STR_INIT("cache-control"),
	[FIELD_ETAG] = STR_INIT("etag"),
	[FIELD_VARY] = STR_INIT("vary"),
	[FIELD_LOCATION] = STR_INIT("location"),
	[FIELD_SEC_WEBSOCKET_KEY] = STR_INIT("sec-websocket-key"),
	[FIELD_SEC_WEBSOCKET_ACCEPT] = STR_INIT("sec-websocket-accept"),
	[FIELD_SEC_WEBSOCKET_VERSION] = STR_INIT("sec-websocket-version"),
	[FIELD_EARLY_DATA] = STR_INIT("early-data"),
	[FIELD_ACCEPT] = STR_INIT("accept"),
	[FIELD_ACCEPT_LANGUAGE] = STR_INIT("accept-language"),
	[FIELD_SERVER] = STR_INIT("server"),
	[FIELD_AGE] = STR_INIT("age"),
	[FIELD_EXPIRES] = STR_INIT("expires"),
	[FIELD_LAST_MODIFIED] = STR_INIT("last-modified"),
	[FIELD_IF_NONE_MATCH] = STR_INIT("if-none-match"),
	[FIELD_IF_MODIFIED_SINCE] = STR_INIT("if-modified-since"),
	[FIELD_RANGE] = STR_INIT("range"),
	[FIELD_LINK] = STR_INIT("link"),
	[FIELD_PRIORITY] = STR_INIT("priority"),
};

/* Perfect hash over length, first, middle and last byte; a unit test takes every name through it, and tells when a
 * new name makes the factors collide. */
static inline unsigned slot_of(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	return (unsigned)(s.n * 3 + p[0] * 58U + p[s.n - 1] * 22U + p[s.n / 2]) & 127;
}

static const uint8_t slots[128] = {
	0, 6, 4, 32, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 10, 0, 40, 0, 29, 0, 36, 12, 18, 15, 0, 0, 0, 0,
	27, 0, 0, 0, 42, 0, 38, 0, 0, 26, 0, 0, 31, 30, 0, 0,
	16, 0, 0, 0, 22, 3, 0, 5, 0, 21, 0, 0, 0, 0, 0, 0,
	25, 34, 37, 0, 0, 0, 39, 0, 0, 13, 0, 0, 0, 0, 0, 0,
	43, 11, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 23, 0, 0,
	0, 9, 35, 2, 0, 0, 24, 0, 0, 33, 0, 7, 0, 0, 0, 0,
	0, 0, 8, 0, 0, 20, 0, 0, 28, 17, 0, 0, 0, 0, 19, 41,
};

enum field_id field_id(struct str lower_name)
{
	enum field_id id;

	if (lower_name.n == 0)
		return FIELD_OTHER;
	id = slots[slot_of(lower_name)];
	if (fields[id].n != lower_name.n || !str_same_short(fields[id].p, lower_name.p, lower_name.n))
		return FIELD_OTHER;
	return id;
}

struct str field_name(enum field_id id)
{
	WASSERT(id < FIELD_ID_COUNT);
	return fields[id];
}

/* As HAProxy words them, by status. */
static const struct {
	uint16_t status;
	struct str text;
} reasons[] = {
	{ 100, STR_INIT("Continue") }, { 101, STR_INIT("Switching Protocols") },
	{ 102, STR_INIT("Processing") }, { 103, STR_INIT("Early Hints") },
	{ 200, STR_INIT("OK") }, { 201, STR_INIT("Created") }, { 202, STR_INIT("Accepted") },
	{ 203, STR_INIT("Non-Authoritative Information") }, { 204, STR_INIT("No Content") },
	{ 205, STR_INIT("Reset Content") }, { 206, STR_INIT("Partial Content") },
	{ 207, STR_INIT("Multi-Status") }, { 210, STR_INIT("Content Different") },
	{ 226, STR_INIT("IM Used") }, { 300, STR_INIT("Multiple Choices") },
	{ 301, STR_INIT("Moved Permanently") }, { 302, STR_INIT("Moved Temporarily") },
	{ 303, STR_INIT("See Other") }, { 304, STR_INIT("Not Modified") },
	{ 305, STR_INIT("Use Proxy") }, { 307, STR_INIT("Temporary Redirect") },
	{ 308, STR_INIT("Permanent Redirect") }, { 310, STR_INIT("Too many Redirects") },
	{ 400, STR_INIT("Bad Request") }, { 401, STR_INIT("Unauthorized") },
	{ 402, STR_INIT("Payment Required") }, { 403, STR_INIT("Forbidden") },
	{ 404, STR_INIT("Not Found") }, { 405, STR_INIT("Method Not Allowed") },
	{ 406, STR_INIT("Not Acceptable") }, { 407, STR_INIT("Proxy Authentication Required") },
	{ 408, STR_INIT("Request Time-out") }, { 409, STR_INIT("Conflict") },
	{ 410, STR_INIT("Gone") }, { 411, STR_INIT("Length Required") },
	{ 412, STR_INIT("Precondition Failed") }, { 413, STR_INIT("Request Entity Too Large") },
	{ 414, STR_INIT("Request-URI Too Long") }, { 415, STR_INIT("Unsupported Media Type") },
	{ 416, STR_INIT("Requested range unsatisfiable") },
	{ 417, STR_INIT("Expectation failed") }, { 418, STR_INIT("I'm a teapot") },
	{ 421, STR_INIT("Misdirected Request") }, { 422, STR_INIT("Unprocessable Content") },
	{ 423, STR_INIT("Locked") }, { 424, STR_INIT("Method failure") },
	{ 425, STR_INIT("Too Early") }, { 426, STR_INIT("Upgrade Required") },
	{ 428, STR_INIT("Precondition Required") }, { 429, STR_INIT("Too Many Requests") },
	{ 431, STR_INIT("Request Header Fields Too Large") }, { 449, STR_INIT("Retry With") },
	{ 450, STR_INIT("Blocked by Windows Parental Controls") },
	{ 451, STR_INIT("Unavailable For Legal Reasons") },
	{ 456, STR_INIT("Unrecoverable Error") },
	{ 499, STR_INIT("client has closed connection") },
	{ 500, STR_INIT("Internal Server Error") }, { 501, STR_INIT("Not Implemented") },
	{ 502, STR_INIT("Bad Gateway or Proxy Error") }, { 503, STR_INIT("Service Unavailable") },
	{ 504, STR_INIT("Gateway Time-out") }, { 505, STR_INIT("HTTP Version not supported") },
	{ 506, STR_INIT("Variant also negotiate") }, { 507, STR_INIT("Insufficient storage") },
	{ 508, STR_INIT("Loop detected") }, { 509, STR_INIT("Bandwidth Limit Exceeded") },
	{ 510, STR_INIT("Not extended") }, { 511, STR_INIT("Network authentication required") },
	{ 520, STR_INIT("Web server is returning an unknown error") },
};

static struct str class_reason(int status)
{
	switch (status / 100) {
	case 1: return STR("Informational");
	case 2: return STR("Success");
	case 3: return STR("Redirection");
	case 4: return STR("Client Error");
	case 5: return STR("Server Error");
	default: return STR("Other");
	}
}

struct str status_reason(int status)
{
	size_t from = 0, to = ARRAY_LEN(reasons);

	while (from < to) {
		size_t mid = (from + to) / 2;

		if (reasons[mid].status == status)
			return reasons[mid].text;
		if (reasons[mid].status < status)
			from = mid + 1;
		else
			to = mid;
	}
	return class_reason(status);
}
