/* Keys of session tickets that several processes share, from a file: one base64 key a line (48 bytes: AES-128, 80:
 * AES-256). As HAProxy does it, the last but one encrypts, all decrypt; so a new key is known everywhere before anyone
 * uses it. */
#include "tls_priv.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "weir/sys/file.h"

#define KEYS_MAX 16

struct ticket_key { unsigned char name[16], hmac[32], aes[32]; bool big; };
struct tls_tickets { struct ticket_key keys[KEYS_MAX]; int n; };

void tls_tickets_free(struct tls_tickets *t)
{
	if (t)
		OPENSSL_clear_free(t, sizeof(*t));
}

static bool take_key(struct tls_tickets *t, struct str line)
{
	unsigned char raw[96];
	struct ticket_key *k = &t->keys[t->n % KEYS_MAX];
	int n;

	if (line.n > 112 || (n = EVP_DecodeBlock(raw, (const unsigned char *)line.p, (int)line.n)) <= 0)
		return false;
	while (line.n && line.p[line.n - 1] == '=') {
		line.n--;
		n--;
	}
	if (n != 48 && n != 80)
		return false;
	k->big = n == 80;
	memcpy(k->name, raw, 16);
	memcpy(k->hmac, raw + 16, k->big ? 32 : 16);
	memcpy(k->aes, raw + (k->big ? 48 : 32), k->big ? 32 : 16);
	OPENSSL_cleanse(raw, sizeof(raw));
	t->n++;
	return true;
}

struct tls_tickets *tls_tickets_load(const char *path, struct tls_fault *f)
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
			ok = t->n < KEYS_MAX && take_key(t, one);
	}
	free((void *)text.p);
	if (!ok)
		tls_fault_set(f, "unable to decode TLS ticket key in file '%s', line %d.", path, line);
	else if (t->n < 3)
		tls_fault_set(f, "please supply at least 3 keys in the tls-tickets-file '%s'.", path);
	if (ok && t->n >= 3)
		return t;
	tls_tickets_free(t);
	return NULL;
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
	struct tls_tickets *t = tls_of(ssl)->front->tickets;
	int r;

	if (enc)
		return seal(&t->keys[t->n - 2], name, iv, ctx, mac);
	r = unseal(t, name, iv, ctx, mac);
	/* TLS 1.3 tickets are for one use: a new one has to follow in any case. */
	return r == 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : r;
}

void tls_tickets_apply(SSL_CTX *ctx)
{
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}
