/* HTTP/1.1 in the benchmark's client: one request at a time on a connection. */
#include <stdio.h>
#include <stdlib.h>
#include "load.h"

static bool flush(struct client *c)
{
	struct load *l = c->l;
	const unsigned char *p;
	size_t n;
	ssize_t r;

	while (c->out_sent < c->nout || c->body_sent < l->o.post) {
		if (c->out_sent < c->nout) {
			p = (unsigned char *)c->out + c->out_sent;
			n = c->nout - c->out_sent;
		} else {
			n = pattern_at(&l->pattern, c->body_sent, l->o.post - c->body_sent, &p);
		}
		r = net_write(c, p, n);
		if (r == NET_AGAIN)
			return true;
		if (r <= 0)
			return load_error(l, "cannot send");
		if (c->out_sent < c->nout)
			c->out_sent += (size_t)r;
		else
			c->body_sent += (uint64_t)r;
	}
	return true;
}

static bool h1_request(struct client *c)
{
	const struct opts *o = &c->l->o;
	char host[64], length[48] = "";

	if (o->post)
		snprintf(length, sizeof(length), "Content-Length: %llu\r\n", (unsigned long long)o->post);
	c->nout = (size_t)snprintf(c->out, sizeof(c->out), "%s %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n",
				   o->post ? "POST" : "GET", o->path, load_host(c->l, host, sizeof(host)), length,
				   o->fields);
	if (c->nout >= sizeof(c->out))
		return load_error(c->l, "request too long");
	c->out_sent = 0;
	c->body_sent = 0;
	c->nhead = 0;
	c->in_body = false;
	c->got = 0;
	c->busy = true;
	return flush(c);
}

static bool take_head(struct client *c)
{
	const struct opts *o = &c->l->o;
	const char *len = strcasestr(c->head, "\r\ncontent-length:");

	if (strncmp(c->head, "HTTP/1.1 200", 12) != 0)
		return load_error(c->l, c->head);
	if (!len || strtoull(len + 17, NULL, 10) != o->size)
		return load_error(c->l, "wrong length");
	c->left = o->size;
	c->in_body = true;
	return true;
}

static ssize_t feed_head(struct client *c, const unsigned char *p, size_t n)
{
	size_t was = c->nhead, part = n < HEAD_MAX - was ? n : HEAD_MAX - was;
	char *end;

	memcpy(c->head + was, p, part);
	c->nhead += part;
	c->head[c->nhead] = 0;
	end = strstr(c->head + (was > 3 ? was - 3 : 0), "\r\n\r\n");
	if (!end)
		return (ssize_t)part;
	end[4] = 0;
	return take_head(c) ? end + 4 - c->head - (ssize_t)was : -1;
}

static ssize_t feed_body(struct client *c, const unsigned char *p, size_t n)
{
	size_t part = n < c->left ? n : (size_t)c->left;

	if (!pattern_holds(&c->l->pattern, c->got, p, part)) {
		load_error(c->l, "wrong body");
		return -1;
	}
	c->got += part;
	c->left -= part;
	return (ssize_t)part;
}

static bool feed(struct client *c, const unsigned char *p, size_t n)
{
	c->l->bytes += n;
	while (n) {
		ssize_t used;

		if (!c->busy)
			return load_error(c->l, "bytes behind the answer");
		used = c->in_body ? feed_body(c, p, n) : feed_head(c, p, n);
		if (used < 0)
			return false;
		p += used;
		n -= (size_t)used;
		if (c->in_body && !c->left) {
			c->busy = false;
			load_done(c->l, c->t0);
		}
	}
	return true;
}

static bool h1_readable(struct client *c)
{
	struct load *l = c->l;
	ssize_t n;

	do {
		n = net_read(c, l->buf, READ_MAX);
		if (n == NET_AGAIN)
			return true;
		if (n <= 0)
			return load_error(l, c->busy ? "closed in an exchange" : "closed while idle");
		if (!feed(c, l->buf, (size_t)n))
			return false;
	} while (c->busy || c->ssl);
	return true;
}

static bool h1_begin(struct client *c)
{
	return true;
}

static void h1_fini(struct client *c)
{
}

const struct proto proto_h1 = {
	.begin = h1_begin, .readable = h1_readable, .writable = flush, .request = h1_request, .fini = h1_fini,
};
