/* Bytes that could forge or break a log line. */
#include "weir/log/log.h"

static bool harmless(unsigned char c, enum log_esc what)
{
	if (c < 32 || c == 127)
		return false;
	if (what == LOG_ESC_CTL)
		return true;
	if (c > 127 || c == '"' || c == '#')
		return false;
	return what == LOG_ESC_URL || (c != '{' && c != '|' && c != '}');
}

static void put_hex(struct sbuf *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char text[3] = { '#', digits[c >> 4], digits[c & 15] };

	sbuf_put(out, text, sizeof(text));
}

void log_escape(struct sbuf *out, struct str s, enum log_esc what)
{
	size_t plain = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (harmless((unsigned char)s.p[i], what))
			continue;
		sbuf_put(out, s.p + plain, i - plain);
		put_hex(out, (unsigned char)s.p[i]);
		plain = i + 1;
	}
	sbuf_put(out, s.p + plain, s.n - plain);
}
