/* A line is a length and its bytes; positions count all bytes ever written, so that a reader knows whether what it
 * would read next is still there. */
#include "weir/log/ring.h"

#include <pthread.h>
#include <stdlib.h>

#include "weir/base/list.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define SIZE_MIN 1024
#define HEAD sizeof(uint32_t)

struct ring {
	struct list link;
	char *name, text[256];
	const void *owner;
	const struct log_format *format;
	unsigned maxlen;
	pthread_mutex_t lock;
	uint64_t head, tail;		/* behind the last line, at the oldest one */
	uint64_t dropped;
	size_t size;
	unsigned char *mem;
	struct list readers;		/* struct ring_reader, under lock */
};

static struct {
	pthread_mutex_t lock;
	struct list all;
} rings = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct ring *look_up(struct str name)
{
	struct ring *r;

	if (!rings.all.next)
		list_init(&rings.all);
	list_each(r, &rings.all, link)
		if (str_eqz(name, r->name))
			return r;
	return NULL;
}

struct ring *ring_find(struct str name)
{
	struct ring *r;

	pthread_mutex_lock(&rings.lock);
	r = look_up(name);
	pthread_mutex_unlock(&rings.lock);
	return r;
}

struct ring *ring_declare(struct str name, size_t size, const void *owner)
{
	struct ring *r;

	pthread_mutex_lock(&rings.lock);
	r = look_up(name);
	if (!r) {
		r = mem_zalloc(sizeof(*r));
		r->name = mem_alloc(name.n + 1);
		str_z(name, r->name, name.n + 1);
		list_init(&r->readers);
		pthread_mutex_init(&r->lock, NULL);
		list_push(&rings.all, &r->link);
	}
	r->owner = owner;
	pthread_mutex_lock(&r->lock);
	if (!r->head && r->size != size) {
		free(r->mem);
		r->size = MAX(size, (size_t)SIZE_MIN);
		r->mem = mem_alloc(r->size);
	}
	pthread_mutex_unlock(&r->lock);
	pthread_mutex_unlock(&rings.lock);
	return r;
}

bool ring_known(struct str name, const void *owner)
{
	const struct ring *r = ring_find(name);

	return str_eqz(name, RING_OWN) || (r && r->owner == owner);
}

void ring_describe(struct ring *r, struct str text)
{
	str_z(str_head(text, sizeof(r->text) - 1), r->text, sizeof(r->text));
}

void ring_set_format(struct ring *r, const struct log_format *f, unsigned maxlen)
{
	r->format = f;
	r->maxlen = maxlen;
}

const struct log_format *ring_format(const struct ring *r)
{
	return r->format;
}

unsigned ring_maxlen(const struct ring *r)
{
	return r->maxlen;
}

struct str ring_name(const struct ring *r)
{
	return str_c(r->name);
}

struct str ring_text(const struct ring *r)
{
	return str_c(r->text);
}

uint64_t ring_dropped(const struct ring *r)
{
	return r->dropped;
}

static void write_at(struct ring *r, uint64_t pos, const void *from, size_t n)
{
	size_t at = pos % r->size, part = MIN(n, r->size - at);

	memcpy(r->mem + at, from, part);
	memcpy(r->mem, (const char *)from + part, n - part);
}

static void read_at(const struct ring *r, uint64_t pos, void *to, size_t n)
{
	size_t at = pos % r->size, part = MIN(n, r->size - at);

	memcpy(to, r->mem + at, part);
	memcpy((char *)to + part, r->mem, n - part);
}

static uint32_t length_at(const struct ring *r, uint64_t pos)
{
	uint32_t n;

	read_at(r, pos, &n, sizeof(n));
	return n;
}

/* Old lines go, but for those that a reader has not had. */
static bool make_place(struct ring *r, size_t bytes)
{
	const struct ring_reader *rd;
	uint64_t keep = r->head;

	if (bytes > r->size)
		return false;
	list_each(rd, &r->readers, link)
		keep = MIN(keep, rd->pos);
	while (r->head + bytes - r->tail > r->size && r->tail < keep)
		r->tail += HEAD + length_at(r, r->tail);
	return r->head + bytes - r->tail <= r->size;
}

bool ring_put(struct ring *r, const struct iovec *iov, int n)
{
	struct ring_reader *rd;
	uint32_t bytes = 0;
	bool fits;

	for (int i = 0; i < n; i++)
		bytes += (uint32_t)iov[i].iov_len;
	pthread_mutex_lock(&r->lock);
	fits = make_place(r, HEAD + (size_t)bytes);
	if (!fits)
		r->dropped++;
	if (fits) {
		write_at(r, r->head, &bytes, HEAD);
		r->head += HEAD;
	}
	for (int i = 0; fits && i < n; i++) {
		write_at(r, r->head, iov[i].iov_base, iov[i].iov_len);
		r->head += iov[i].iov_len;
	}
	list_each(rd, &r->readers, link)
		rd->wake(rd);
	pthread_mutex_unlock(&r->lock);
	return fits;
}

/* Under the lock. */
static bool take_line(struct ring *r, uint64_t *pos, struct sbuf *out)
{
	char part[512];
	uint32_t n;

	*pos = MAX(*pos, r->tail);
	if (*pos >= r->head)
		return false;
	n = length_at(r, *pos);
	*pos += HEAD;
	for (uint32_t now; n; n -= now, *pos += now) {
		now = MIN(n, (uint32_t)sizeof(part));
		read_at(r, *pos, part, now);
		sbuf_puts(out, str_make(part, now));
	}
	return true;
}

bool ring_next(struct ring *r, uint64_t *pos, struct sbuf *out)
{
	bool any;

	pthread_mutex_lock(&r->lock);
	any = take_line(r, pos, out);
	pthread_mutex_unlock(&r->lock);
	return any;
}

void ring_attach(struct ring *r, struct ring_reader *rd)
{
	pthread_mutex_lock(&r->lock);
	rd->ring = r;
	rd->pos = r->tail;
	list_push(&r->readers, &rd->link);
	pthread_mutex_unlock(&r->lock);
}

void ring_detach(struct ring_reader *rd)
{
	pthread_mutex_lock(&rd->ring->lock);
	list_del(&rd->link);
	pthread_mutex_unlock(&rd->ring->lock);
}

bool ring_read(struct ring_reader *rd, struct sbuf *out)
{
	return ring_next(rd->ring, &rd->pos, out);
}

uint64_t ring_end(struct ring *r)
{
	uint64_t end;

	pthread_mutex_lock(&r->lock);
	end = r->head;
	pthread_mutex_unlock(&r->lock);
	return end;
}

struct ring *ring_each(struct ring *after)
{
	struct ring *r = NULL;

	pthread_mutex_lock(&rings.lock);
	if (!after && rings.all.next && !list_empty(&rings.all))
		r = list_first(&rings.all, struct ring, link);
	else if (after && after->link.next != &rings.all)
		r = container_of(after->link.next, struct ring, link);
	pthread_mutex_unlock(&rings.lock);
	return r;
}

void rings_free(void)
{
	struct ring *r, *tmp;

	if (!rings.all.next)
		return;
	list_each_safe(r, tmp, &rings.all, link) {
		list_del(&r->link);
		pthread_mutex_destroy(&r->lock);
		free(r->mem);
		free(r->name);
		free(r);
	}
}
