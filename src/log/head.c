/* What stands in front of a line: one row for each format, one function for each piece. The parts that change with
 * time are made once a second for each thread. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "log_priv.h"
#include "weir/loop/loop.h"

const struct log_format log_formats[] = {
	{ "local", { LP_PRI, LP_DATE, LP_TAG_PID }, "RFC 3164 without the host name" },
	{ "rfc3164", { LP_PRI, LP_DATE, LP_HOST, LP_TAG_PID }, "RFC 3164" },
	{ "rfc5424", { LP_PRI, LP_5424, LP_ISO, LP_HOST5424, LP_TAG_PID_SD }, "RFC 5424" },
	{ "priority", { LP_PRI }, "facility and level, then the text" },
	{ "short", { LP_LEVEL }, "level, then the text (systemd)" },
	{ "timed", { LP_LEVEL, LP_ISO }, "level, date, then the text" },
	{ "iso", { LP_ISO }, "date, then the text" },
	{ "raw", { LP_END }, "the text alone" },
};
const size_t log_formats_n = ARRAY_LEN(log_formats);

/* The thread's dates of this second, and the process id (which costs a system call). */
static __thread struct head_cache {
	int64_t second;
	char date[20], iso[32], zone[16], pid[16];
	unsigned char ndate, niso, nzone, npid;
} cache;

static void cache_fill(struct head_cache *c, int64_t second)
{
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
	};
	time_t t = (time_t)second;
	struct tm tm;
	struct sbuf date = sbuf_fixed(c->date, sizeof(c->date)), iso = sbuf_fixed(c->iso, sizeof(c->iso));
	struct sbuf zone = sbuf_fixed(c->zone, sizeof(c->zone)), pid = sbuf_fixed(c->pid, sizeof(c->pid));
	long off;

	localtime_r(&t, &tm);
	off = tm.tm_gmtoff / 60;
	sbuf_printf(&date, "%s %2d %02d:%02d:%02d ", months[tm.tm_mon % 12], tm.tm_mday, tm.tm_hour, tm.tm_min,
	            tm.tm_sec);
	sbuf_printf(&iso, "%04d-%02d-%02dT%02d:%02d:%02d.", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	            tm.tm_min, tm.tm_sec);
	sbuf_printf(&zone, "%c%02ld:%02ld ", off < 0 ? '-' : '+', labs(off) / 60, labs(off) % 60);
	sbuf_puti(&pid, getpid());
	c->ndate = (unsigned char)date.n;
	c->niso = (unsigned char)iso.n;
	c->nzone = (unsigned char)zone.n;
	c->npid = (unsigned char)pid.n;
	c->second = second;
}

static void put_micros(struct sbuf *out, uint32_t us)
{
	char text[6];

	for (int i = 5; i >= 0; i--, us /= 10)
		text[i] = (char)('0' + us % 10);
	sbuf_put(out, text, sizeof(text));
}

static void put_pri(struct sbuf *out, unsigned pri)
{
	sbuf_putc(out, '<');
	sbuf_putu(out, pri);
	sbuf_putc(out, '>');
}

static void put_host(struct sbuf *out, const struct log_list *global, struct str otherwise)
{
	sbuf_puts(out, global && global->send_host ? global->host : otherwise);
	sbuf_putc(out, ' ');
}

static void put_piece(struct sbuf *out, enum log_piece piece, const struct log_head *h, uint32_t us)
{
	const struct head_cache *c = &cache;

	switch (piece) {
	case LP_END:
		break;
	case LP_PRI:
		put_pri(out, h->t->facility << 3 | h->level);
		break;
	case LP_LEVEL:
		put_pri(out, h->level);
		break;
	case LP_5424:
		sbuf_put(out, "1 ", 2);
		break;
	case LP_DATE:
		sbuf_put(out, c->date, c->ndate);
		break;
	case LP_ISO:
		sbuf_put(out, c->iso, c->niso);
		put_micros(out, us);
		sbuf_put(out, c->zone, c->nzone);
		break;
	case LP_HOST:
		put_host(out, h->global, STR("localhost"));
		break;
	case LP_HOST5424:
		put_host(out, h->global, STR("-"));
		break;
	case LP_TAG_PID:
		sbuf_puts(out, h->tag);
		sbuf_putc(out, '[');
		sbuf_put(out, c->pid, c->npid);
		sbuf_put(out, "]: ", 3);
		break;
	case LP_TAG_PID_SD:
		sbuf_puts(out, h->tag);
		sbuf_putc(out, ' ');
		sbuf_put(out, c->pid, c->npid);
		sbuf_put(out, " - ", 3);
		sbuf_puts(out, h->sd.n ? h->sd : STR("-"));
		sbuf_putc(out, ' ');
		break;
	}
}

void log_head_forget(void)
{
	cache.second = 0;
}

void log_put_head(struct sbuf *out, const struct log_head *h)
{
	const struct log_format *f = h->t->format;
	struct wall now = loop_wall();

	if (!f)
		f = &log_formats[h->global && h->global->send_host];
	if (cache.second != now.s)
		cache_fill(&cache, now.s);
	for (const uint8_t *p = f->pieces; *p; p++)
		put_piece(out, *p, h, now.us);
}
