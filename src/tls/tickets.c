/* Keys of session tickets that several processes share, from a file: one base64 key a line (48 bytes: AES-128, 80:
 * AES-256). As HAProxy does it, the last three count: the last but one encrypts, all decrypt; so a new key is known
 * everywhere before anyone uses it. */
#include "tls_priv.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "weir/base/enc.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/sys/file.h"
#include "weir/tls/store.h"

#define KEYS 3

struct ticket_key { unsigned char name[16], hmac[32], aes[32]; bool big; };
struct tls_tickets {
	struct ticket_key keys[KEYS];	/* under the lock of files */
	int n;
	char *name;
	int id;
};

void tls_tickets_free(struct tls_tickets *t)
{
	if (!t)
		return;
	free(t->name);
	OPENSSL_clear_free(t, sizeof(*t));
}

/* How many bytes the text stands for: 48 or 80 when it is a key; 0: not base64. */
static int read_key(struct ticket_key *k, struct str line)
{
	unsigned char raw[96];
	struct sbuf b = sbuf_fixed((char *)raw, sizeof(raw));
	int n = line.n <= 112 && base64_dec(&b, line, BASE64_STD) ? (int)b.n : 0;

	if (n != 48 && n != 80)
		return n;
	k->big = n == 80;
	memcpy(k->name, raw, 16);
	memcpy(k->hmac, raw + 16, k->big ? 32 : 16);
	memcpy(k->aes, raw + (k->big ? 48 : 32), k->big ? 32 : 16);
	OPENSSL_cleanse(raw, sizeof(raw));
	return n;
}

/* The newest one; what does not fit goes at the other end. */
static void add_key(struct tls_tickets *t, const struct ticket_key *k)
{
	if (t->n == KEYS)
		memmove(&t->keys[0], &t->keys[1], sizeof(*k) * --t->n);
	t->keys[t->n++] = *k;
}

/* Keys of one file are of one size. */
static bool take_key(struct tls_tickets *t, struct str text, const char *path, int line, struct tls_fault *f)
{
	struct ticket_key k = { .big = false };
	int n = read_key(&k, text);
	bool sized = (n == 48 || n == 80) && (!t->n || t->keys[0].big == k.big);

	if (sized)
		add_key(t, &k);
	else
		tls_fault_set(f, "'%s' : %s on line %d", path, n ? "wrong sized key" : "unable to decode base64 key",
			      line);
	OPENSSL_cleanse(&k, sizeof(k));
	return sized;
}

static struct tls_tickets *load(const char *path, struct tls_fault *f)
{
	struct tls_tickets *t;
	struct str text, rest;
	bool ok = true;
	int line = 0;

	if (!file_read(str_c(path), 65536, &text)) {
		tls_fault_set(f, "unable to load TLS ticket keys from file '%s': %s.", path, strerror(errno));
		return NULL;
	}
	t = OPENSSL_zalloc(sizeof(*t));
	for (rest = text; rest.p && ok;) {
		struct str one = str_trim_ws(str_cut(&rest, '\n'));

		line++;
		if (one.n)
			ok = take_key(t, one, path, line, f);
	}
	OPENSSL_cleanse((void *)text.p, text.n);
	free((void *)text.p);
	if (ok && t->n < KEYS) {
		tls_fault_set(f, "please supply at least %d keys in the tls-tickets-file '%s'.", KEYS, path);
		ok = false;
	}
	if (ok)
		return t;
	tls_tickets_free(t);
	return NULL;
}

struct tls_tickets *tls_tickets_load(struct tls_files *files, const char *path, struct tls_fault *f)
{
	struct tls_tickets *t = hmap_get(&files->tickets, str_c(path));

	if (t)
		return t;
	t = load(path, f);
	if (!t)
		return NULL;
	t->name = mem_strdup(path);
	t->id = (int)files->tickets.count;
	hmap_put(&files->tickets, str_c(t->name), t);
	return t;
}

static bool set_mac(EVP_MAC_CTX *mac, struct ticket_key *k)
{
	OSSL_PARAM p[3];

	p[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, k->hmac, k->big ? 32 : 16);
	p[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
	p[2] = OSSL_PARAM_construct_end();
	return EVP_MAC_CTX_set_params(mac, p) == 1;
}

static int seal(struct ticket_key *k, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *ctx, EVP_MAC_CTX *mac)
{
	if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1 ||
	    EVP_EncryptInit_ex(ctx, k->big ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), NULL, k->aes, iv) != 1 ||
	    !set_mac(mac, k))
		return -1;
	memcpy(name, k->name, 16);
	return 1;
}

/* 1: good, 2: good, but another one should be issued, 0: unknown key. */
static int unseal(struct tls_tickets *t, const unsigned char *name, const unsigned char *iv, EVP_CIPHER_CTX *ctx,
		  EVP_MAC_CTX *mac)
{
	for (int i = 0; i < t->n; i++) {
		struct ticket_key *k = &t->keys[i];

		if (memcmp(k->name, name, 16) != 0)
			continue;
		if (EVP_DecryptInit_ex(ctx, k->big ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), NULL, k->aes, iv) != 1 ||
		    !set_mac(mac, k))
			return -1;
		return i == t->n - 2 ? 1 : 2;
	}
	return 0;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *ctx, EVP_MAC_CTX *mac, int enc)
{
	struct tls_front *front = tls_of(ssl)->front;
	struct tls_tickets *t = front->tickets;
	int r;

	pthread_rwlock_rdlock(&front->files->lock);
	if (enc)
		r = seal(&t->keys[t->n - 2], name, iv, ctx, mac);
	else
		r = unseal(t, name, iv, ctx, mac);
	pthread_rwlock_unlock(&front->files->lock);
	if (enc)
		return r;
	/* TLS 1.3 tickets are for one use: a new one has to follow in any case. */
	return r == 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : r;
}

void tls_tickets_apply(SSL_CTX *ctx)
{
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}

/* --- commands --- */

static void show_keys(const struct tls_tickets *t, struct sbuf *out)
{
	sbuf_printf(out, "# %d (%s)\n", t->id, t->name);
	for (int i = 0; i < t->n; i++) {
		const struct ticket_key *k = &t->keys[i];
		size_t half = k->big ? 32 : 16;
		unsigned char raw[80], text[112];

		memcpy(raw, k->name, 16);
		memcpy(raw + 16, k->hmac, half);
		memcpy(raw + 16 + half, k->aes, half);
		EVP_EncodeBlock(text, raw, (int)(16 + 2 * half));
		sbuf_printf(out, "%d.%d %s\n", t->id, i, text);
		OPENSSL_cleanse(raw, sizeof(raw));
	}
}

static struct tls_tickets *by_id(const struct tls_files *f, int64_t id)
{
	const struct hmap_slot *s;

	for (size_t at = 0; (s = hmap_next(&f->tickets, &at));)
		if (((struct tls_tickets *)s->value)->id == id)
			return s->value;
	return NULL;
}

/* "#<id>", or the file's name. */
static struct tls_tickets *find(const struct tls_files *f, struct str ref)
{
	int64_t id;

	if (!ref.n || ref.p[0] != '#')
		return hmap_get(&f->tickets, ref);
	return num_i64(str_skip(ref, 1), &id) ? by_id(f, id) : NULL;
}

bool tls_store_show_keys(struct tls_files *f, struct str ref, struct sbuf *out)
{
	struct tls_tickets *t = NULL;
	bool all = str_eqz(ref, "*");

	if (ref.n && !all && !(t = find(f, ref)))
		return false;
	sbuf_putz(out, ref.n ? "# id secret\n" : "# id (file)\n");
	pthread_rwlock_rdlock(&f->lock);
	for (int i = 0; i < (int)f->tickets.count; i++) {
		struct tls_tickets *one = by_id(f, i);

		if (!ref.n)
			sbuf_printf(out, "%d (%s)\n", one->id, one->name);
		else if (all || one == t)
			show_keys(one, out);
	}
	pthread_rwlock_unlock(&f->lock);
	return true;
}

/* The oldest one goes, the newest becomes the next but one to encrypt. */
enum tls_key_set tls_store_set_key(struct tls_files *f, struct str ref, struct str base64)
{
	struct tls_tickets *t = find(f, ref);
	struct ticket_key k;
	int n;

	if (!t)
		return TLS_KEY_NO_FILE;
	memset(&k, 0, sizeof(k));
	n = read_key(&k, base64);
	if (!n)
		return TLS_KEY_BAD;
	if (n != (t->keys[0].big ? 80 : 48))
		return TLS_KEY_SIZE;
	pthread_rwlock_wrlock(&f->lock);
	add_key(t, &k);
	pthread_rwlock_unlock(&f->lock);
	OPENSSL_cleanse(&k, sizeof(k));
	return TLS_KEY_SET;
}
