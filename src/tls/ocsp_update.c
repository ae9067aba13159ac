/* ocsp-update: answers about our own certificates are fetched from their authority's responder and stapled.
 * Responders are far and slow, and names have to be looked up; so one thread of its own does it, and may wait. It takes
 * the lock of the files only to look for what is due and to put a good answer into place. */
#include "edit_priv.h"

#include <openssl/http.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "weir/base/pool.h"

#define ANSWER_MAX 65536
#define PATIENCE 10			/* s for one exchange */

/* What is known about one certificate's answer; times in seconds since 1970. */
struct follow {
	struct follow *next;
	char *name;
	time_t due, last;
	unsigned good, bad, row;	/* row: failures one after the other */
	char said[120];			/* how the last attempt ended */
};

struct tls_updater {
	struct tls_files *files;
	pthread_t thread;
	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t wake;
	bool stop;
	struct follow *all;
};

/* One fetch: copies, so that nothing is locked meanwhile. */
struct job { struct tls_cert *cert; char *name; };

/* --- one exchange --- */

static BIO *request_for(const struct tls_cert *c)
{
	const unsigned char *p = c->ocsp_id;
	OCSP_CERTID *id = d2i_OCSP_CERTID(NULL, &p, (long)c->ocsp_id_len);
	OCSP_REQUEST *r = OCSP_REQUEST_new();
	BIO *b = BIO_new(BIO_s_mem());

	if (id && r && b && OCSP_request_add0_id(r, id)) {
		i2d_OCSP_REQUEST_bio(b, r);
	} else {
		OCSP_CERTID_free(id);
		BIO_free(b);
		b = NULL;
	}
	OCSP_REQUEST_free(r);
	return b;
}

static BIO *exchange(const struct tls_cert *c, const char *url, const char *proxy)
{
	char *host = NULL, *port = NULL, *path = NULL;
	BIO *ask = request_for(c), *answer = NULL;
	int tls = 0;

	if (ask && OSSL_HTTP_parse_url(url, &tls, NULL, &host, &port, NULL, &path, NULL, NULL) == 1 && !tls)
		answer = OSSL_HTTP_transfer(NULL, host, port, path, 0, proxy ? proxy : "", NULL, NULL, NULL, NULL, NULL,
					    0, NULL, "application/ocsp-request", ask, "application/ocsp-response", 1,
					    ANSWER_MAX, PATIENCE, 0);
	BIO_free(ask);
	OPENSSL_free(host);
	OPENSSL_free(port);
	OPENSSL_free(path);
	return answer;
}

/* Did the authority, or a responder that it appointed, sign it? */
static bool signed_well(const struct tls_cert *c, struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;
	X509_STORE *trust = X509_STORE_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	bool ok;

	X509_STORE_add_cert(trust, c->issuer);
	X509_STORE_set_flags(trust, X509_V_FLAG_PARTIAL_CHAIN);
	sk_X509_push(others, c->issuer);
	ok = basic && OCSP_basic_verify(basic, others, trust, 0) == 1;
	sk_X509_free(others);
	X509_STORE_free(trust);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	return ok;
}

/* Until when an answer says to be good; 0: not known. */
static time_t good_until(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;
	OCSP_SINGLERESP *one = basic ? OCSP_resp_get0(basic, 0) : NULL;
	ASN1_GENERALIZEDTIME *revoked, *from, *until = NULL;
	int reason, days, seconds;
	time_t out = 0;

	if (one && OCSP_single_get0_status(one, &reason, &revoked, &from, &until) >= 0 && until &&
	    ASN1_TIME_diff(&days, &seconds, NULL, until) == 1)
		out = time(NULL) + days * 86400L + seconds;
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	return out;
}

/* The answer in malloc'd memory; STR_NONE: said has the reason. */
static struct str fetch(const struct tls_cert *c, const char *proxy, char *said, size_t size)
{
	STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(c->leaf);
	struct str out = STR_NONE;
	char why[160];
	BIO *b = NULL;
	char *p;
	long n;

	ERR_clear_error();
	if (!c->issuer || !c->ocsp_id)
		snprintf(said, size, "Missing issuer");
	else if (sk_OPENSSL_STRING_num(urls) < 1)
		snprintf(said, size, "Missing OCSP URI in certificate");
	else if (!(b = exchange(c, sk_OPENSSL_STRING_value(urls, 0), proxy)))
		snprintf(said, size, "HTTP error: %.90s", tls_error(why, sizeof(why)));
	if (b && (n = BIO_get_mem_data(b, &p)) > 0)
		out = str_make(memcpy(mem_alloc((size_t)n), p, (size_t)n), (size_t)n);
	BIO_free(b);
	X509_email_free(urls);
	ERR_clear_error();
	return out;
}

static bool update(struct tls_updater *u, const struct job *j, time_t *until, char *said, size_t size)
{
	const struct tls_global *g = u->files->g;
	struct str der = fetch(j->cert, g->ocsp_proxy.n ? g->ocsp_proxy.p : NULL, said, size);
	struct tls_fault why;
	bool ok = false;

	if (!der.n)
		return false;
	if (!tls_ocsp_good(j->cert, (const unsigned char *)der.p, der.n, false, j->name, &why))
		snprintf(said, size, "%.110s", why.text);
	else if (!signed_well(j->cert, der))
		snprintf(said, size, "OCSP response signature cannot be verified");
	else if (!tls_store_set_ocsp(u->files, der, &why))
		snprintf(said, size, "%.110s", why.text);
	else
		ok = true;
	if (ok)
		snprintf(said, size, "Update successful");
	*until = ok ? good_until(der) : 0;
	free((void *)der.p);
	ERR_clear_error();
	return ok;
}

/* --- what is due --- */

static struct follow *follow_of(struct tls_updater *u, const char *name)
{
	struct follow **at = &u->all;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = mem_zalloc(sizeof(**at));
		(*at)->name = mem_strdup(name);
	}
	return *at;
}

static bool wants(const struct tls_files *f, const struct tls_slot *s)
{
	return s->cert && (s->p.update > 0 || (!s->p.update && f->g->ocsp_update));
}

/* The one that has been due for longest. *next: when to look again. */
static bool find_due(struct tls_updater *u, struct job *j, time_t *next)
{
	const struct hmap_slot *h;
	time_t now = time(NULL), best = 0;

	*next = now + 60;
	j->cert = NULL;
	pthread_mutex_lock(&u->files->edit);
	for (size_t at = 0; (h = hmap_next(&u->files->slots, &at));) {
		struct tls_slot *s = h->value;
		time_t due;

		if (!wants(u->files, s))
			continue;
		due = follow_of(u, s->name)->due;
		*next = MIN(*next, due);
		if (due > now || (j->cert && due >= best))
			continue;
		tls_cert_unref(j->cert);
		j->cert = tls_cert_ref(s->cert);
		j->name = s->name;
		best = due;
	}
	if (j->cert)
		j->name = mem_strdup(j->name);
	pthread_mutex_unlock(&u->files->edit);
	return j->cert;
}

/* At half of the time that is left, within the bounds of the file; after failures ever later. */
static time_t next_time(const struct tls_global *g, const struct follow *f, time_t now, time_t until)
{
	time_t wait = f->row ? (time_t)g->ocsp_min << MIN(f->row - 1, 6u) : (until - now) / 2;

	return now + MIN(MAX(wait, (time_t)g->ocsp_min), (time_t)g->ocsp_max);
}

static void settle(struct tls_updater *u, const struct job *j, bool ok, time_t until, const char *said)
{
	struct follow *f = follow_of(u, j->name);
	time_t now = time(NULL);

	f->last = now;
	f->row = ok ? 0 : f->row + 1;
	f->good += ok;
	f->bad += !ok;
	f->due = next_time(u->files->g, f, now, until);
	snprintf(f->said, sizeof(f->said), "%s", said);
}

static void *work(void *arg)
{
	struct tls_updater *u = arg;
	char said[sizeof(u->all->said)];
	time_t next, until = 0;
	struct job j;
	bool ok;

	pthread_mutex_lock(&u->lock);
	while (!u->stop) {
		if (!find_due(u, &j, &next)) {
			struct timespec at = { .tv_sec = next };

			pthread_cond_timedwait(&u->wake, &u->lock, &at);
			continue;
		}
		pthread_mutex_unlock(&u->lock);
		ok = update(u, &j, &until, said, sizeof(said));
		pthread_mutex_lock(&u->lock);
		if (!u->stop)
			settle(u, &j, ok, until, said);
		tls_cert_unref(j.cert);
		free(j.name);
	}
	pthread_mutex_unlock(&u->lock);
	OPENSSL_thread_stop();
	return NULL;
}

/* --- start and end --- */

static bool anyone(struct tls_files *f)
{
	const struct hmap_slot *h;
	bool any = f->g->ocsp_update;

	pthread_mutex_lock(&f->edit);	/* other threads may run commands already */
	for (size_t at = 0; !any && (h = hmap_next(&f->slots, &at));)
		any = wants(f, h->value);
	pthread_mutex_unlock(&f->edit);
	return any && !f->g->ocsp_disable;
}

void tls_ocsp_begin(struct tls_files *f)
{
	struct tls_updater *u;
	sigset_t all, old;

	if (!f || f->updater || !anyone(f))
		return;
	u = f->updater = mem_zalloc(sizeof(*u));
	u->files = f;
	pthread_mutex_init(&u->lock, NULL);
	pthread_cond_init(&u->wake, NULL);
	sigfillset(&all);	/* signals are for the threads that have a loop */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&u->thread, NULL, work, u) != 0) {
		free(u);
		f->updater = NULL;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void tls_ocsp_end(struct tls_files *f)
{
	struct tls_updater *u = f ? f->updater : NULL;
	struct timespec limit = { .tv_sec = time(NULL) + 2 };

	if (!u || u->stop)
		return;
	pthread_mutex_lock(&u->lock);
	u->stop = true;
	pthread_cond_signal(&u->wake);
	pthread_mutex_unlock(&u->lock);
	if (pthread_timedjoin_np(u->thread, NULL, &limit) != 0)
		return;		/* it waits for a responder; the process ends without it, nothing of it is released */
	for (struct follow *at = u->all, *next; at; at = next) {
		next = at->next;
		free(at->name);
		free(at);
	}
	pthread_mutex_destroy(&u->lock);
	pthread_cond_destroy(&u->wake);
	free(u);
	f->updater = NULL;
}

/* --- commands --- */

static void put_time(struct sbuf *out, time_t t)
{
	struct tm tm;
	char buf[40];

	if (t && gmtime_r(&t, &tm) && strftime(buf, sizeof(buf), "%d/%b/%Y:%H:%M:%S +0000", &tm))
		sbuf_putz(out, buf);
	else
		sbuf_putc(out, '-');
	sbuf_putz(out, " | ");
}

void tls_store_show_updates(struct tls_files *f, struct sbuf *out)
{
	struct tls_updater *u = f->updater;

	sbuf_putz(out, "OCSP Certid | Path | Next Update | Last Update | Successes | Failures | Last Update Status | "
		       "Last Update Status (str)\n");
	if (!u)
		return;
	pthread_mutex_lock(&u->lock);
	for (const struct follow *at = u->all; at; at = at->next) {
		const struct tls_slot *s;

		pthread_mutex_lock(&f->edit);
		s = hmap_get(&f->slots, str_c(at->name));
		for (size_t i = 0; s && s->cert && i < s->cert->ocsp_id_len; i++)
			sbuf_printf(out, "%02x", s->cert->ocsp_id[i]);
		pthread_mutex_unlock(&f->edit);
		sbuf_printf(out, " | %s | ", at->name);
		put_time(out, at->due);
		put_time(out, at->last);
		sbuf_printf(out, "%u | %u | %d | %s\n", at->good, at->bad, at->row ? 2 : 1, at->said);
	}
	pthread_mutex_unlock(&u->lock);
}

bool tls_store_update_ocsp(struct tls_files *f, struct str name)
{
	struct tls_updater *u = f->updater;
	struct tls_slot *s;
	char *known = NULL;

	pthread_mutex_lock(&f->edit);
	s = hmap_get(&f->slots, name);
	if (s && wants(f, s))
		known = mem_strdup(s->name);
	pthread_mutex_unlock(&f->edit);
	if (u && known) {
		pthread_mutex_lock(&u->lock);
		follow_of(u, known)->due = 0;
		pthread_cond_signal(&u->wake);
		pthread_mutex_unlock(&u->lock);
	}
	free(known);
	return u && known;
}
