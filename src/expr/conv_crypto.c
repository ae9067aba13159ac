/* Digests, message authentication, AES: thin wrappers of libcrypto. Its error queue belongs to TLS
 * as well, so that what fails here cleans up behind itself. */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "conv_priv.h"
#include "weir/base/enc.h"

static bool failed(void)
{
	ERR_clear_error();
	return false;
}

/* --- digests --- */

static void release_md(void *md)
{
	EVP_MD_free(md);
}

/* Finds an algorithm once for the life of the configuration. */
static bool find_digest(struct xscope *sc, struct arg *a, struct str name, struct load_err *err)
{
	char z[64];

	a->p = name.n && name.n < sizeof(z) ? EVP_MD_fetch(NULL, str_z(name, z, sizeof(z)), NULL)
					    : NULL;
	if (!a->p) {
		load_err_set(err, NULL, "algorithm '" STR_FMT "' is not supported", STR_ARG(name));
		return failed();
	}
	arena_defer(sc->mem, release_md, a->p);
	return true;
}

static bool check_digest(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return find_digest(sc, &args[0], args[0].s, err);
}

static bool check_sha1(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return find_digest(sc, &args[0], STR("SHA1"), err);
}

static bool check_sha2(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	switch (nargs ? args[0].i : 256) {
	case 224:
		return find_digest(sc, &args[0], STR("SHA224"), err);
	case 256:
		return find_digest(sc, &args[0], STR("SHA256"), err);
	case 384:
		return find_digest(sc, &args[0], STR("SHA384"), err);
	case 512:
		return find_digest(sc, &args[0], STR("SHA512"), err);
	}
	return conv_refuse(err, "expects 224, 256, 384 or 512 bits");
}

static bool conv_digest(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, EVP_MAX_MD_SIZE);
	unsigned n = 0;

	if (!EVP_Digest(smp->s.n ? smp->s.p : "", smp->s.n, (unsigned char *)b.p, &n, args[0].p,
			NULL))
		return failed();
	sbuf_commit(&b, n);
	return conv_set_bin(smp, &b);
}

/* --- arguments in base64 --- */

/* A literal is decoded at load, its bytes are left in a->p. */
static bool decode_literal(struct xscope *sc, struct arg *a, const char *what, struct load_err *err)
{
	struct str *bytes;
	struct sbuf b;

	if (!arg_given(a) || a->type == ARG_VAR)
		return true;
	bytes = arena_new(sc->mem, struct str);
	b = sbuf_fixed(arena_bytes(sc->mem, a->s.n + 1), a->s.n);
	if (!base64_dec(&b, a->s, BASE64_STD)) {
		load_err_set(err, NULL, "expects the %s in base64 or a variable", what);
		return false;
	}
	*bytes = sbuf_str(&b);
	a->p = bytes;
	return true;
}

static bool arg_base64(const struct arg *a, struct xctx *x, struct str *out)
{
	struct str text;
	struct sbuf b;

	if (a->type != ARG_VAR) {
		*out = *(const struct str *)a->p;
		return true;
	}
	if (!arg_str(a, x, &text))
		return false;
	b = conv_buf(x, text.n);
	if (!base64_dec(&b, text, BASE64_STD))
		return false;
	*out = sbuf_str(&b);
	return true;
}

/* --- HMAC --- */

static bool check_hmac(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return find_digest(sc, &args[0], args[0].s, err) &&
	       decode_literal(sc, &args[1], "key", err);
}

static bool conv_hmac(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, EVP_MAX_MD_SIZE);
	const char *in = smp->s.n ? smp->s.p : "";
	struct str key;
	unsigned n = 0;

	if (!arg_base64(&args[1], x, &key) || key.n > INT32_MAX)
		return false;
	if (!HMAC(args[0].p, key.n ? key.p : "", key.n, (const unsigned char *)in, smp->s.n,
		  (unsigned char *)b.p, &n))
		return failed();
	sbuf_commit(&b, n);
	return conv_set_bin(smp, &b);
}

/* --- comparing --- */

static bool conv_secure_memcmp(const struct arg *args, struct sample *smp, struct xctx *x,
			       const struct conv_row *row)
{
	struct sample other = { .type = SMP_ANY };
	struct str a = smp->s, b;

	if (!var_get(args[0].p, &other, x) || !smp_cast(&other, SMP_BIN, x->mem))
		return false;
	b = other.s;
	smp_set_bool(smp, a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0));
	return true;
}

/* --- AES --- */

#define TAG_SIZE 16
#define CBC_IV_SIZE 16

enum aes_way { AES_GCM_DEC, AES_GCM_ENC, AES_CBC_DEC, AES_CBC_ENC };

struct aes {
	const EVP_CIPHER *cipher;
	bool gcm, enc;
	struct str nonce, key, aad;
	unsigned char tag[TAG_SIZE];	/* given when decoding, made when encoding */
};

static const EVP_CIPHER *cipher_of(int64_t bits, bool gcm)
{
	switch (bits) {
	case 128:
		return gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc();
	case 192:
		return gcm ? EVP_aes_192_gcm() : EVP_aes_192_cbc();
	case 256:
		return gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
	}
	return NULL;
}

static bool check_aes(struct xscope *sc, struct arg *args, struct arg *aad, struct load_err *err)
{
	if (!cipher_of(args[0].i, true))
		return conv_refuse(err, "expects 128, 192 or 256 bits");
	return decode_literal(sc, &args[1], "nonce", err) &&
	       decode_literal(sc, &args[2], "key", err) &&
	       decode_literal(sc, aad, "additional data", err);
}

static bool check_aes_gcm_dec(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return check_aes(sc, args, &args[4], err) && decode_literal(sc, &args[3], "tag", err);
}

static bool check_aes_gcm_enc(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return check_aes(sc, args, &args[4], err);
}

static bool check_aes_cbc(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return check_aes(sc, args, &args[3], err);
}

/* Key, nonce and additional data into the context. */
static bool aes_start(EVP_CIPHER_CTX *ctx, struct aes *a)
{
	const unsigned char *key = (const unsigned char *)a->key.p,
			    *nonce = (const unsigned char *)a->nonce.p;
	int n;

	if (!EVP_CipherInit_ex(ctx, a->cipher, NULL, NULL, NULL, a->enc))
		return false;
	if (a->gcm && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_IVLEN, a->nonce.n, NULL) <= 0)
		return false;
	if (!EVP_CipherInit_ex(ctx, NULL, NULL, key, nonce, a->enc))
		return false;
	if (!a->gcm || !a->aad.n)
		return true;
	return EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)a->aad.p, a->aad.n);
}

static bool aes_run(EVP_CIPHER_CTX *ctx, struct aes *a, struct str in, struct sbuf *out)
{
	unsigned char *p = (unsigned char *)out->p;
	int n = 0, rest = 0;

	if (!aes_start(ctx, a))
		return false;
	if (in.n && !EVP_CipherUpdate(ctx, p, &n, (const unsigned char *)in.p, in.n))
		return false;
	if (a->gcm && !a->enc &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, a->tag) <= 0)
		return false;
	if (!EVP_CipherFinal_ex(ctx, p + n, &rest))
		return false;
	if (a->gcm && a->enc &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, a->tag) <= 0)
		return false;
	sbuf_commit(out, n + rest);
	return true;
}

/* The whole operation: sizes that the cipher does not take are refused before it sees them. */
static bool aes_crypt(struct aes *a, struct sample *smp, struct xctx *x)
{
	size_t nonce_min = a->gcm ? 1 : CBC_IV_SIZE, nonce_max = a->gcm ? 128 : CBC_IV_SIZE;
	struct sbuf out = conv_buf(x, smp->s.n + EVP_MAX_BLOCK_LENGTH);
	EVP_CIPHER_CTX *ctx;
	bool done;

	if (a->key.n != (size_t)EVP_CIPHER_get_key_length(a->cipher) || smp->s.n > INT32_MAX / 2)
		return false;
	if (a->nonce.n < nonce_min || a->nonce.n > nonce_max)
		return false;
	ctx = EVP_CIPHER_CTX_new();
	done = ctx && aes_run(ctx, a, smp->s, &out);
	EVP_CIPHER_CTX_free(ctx);
	return done ? conv_set_bin(smp, &out) : failed();
}

/* Arguments in the order bits, nonce, key; additional data is the one at `aad`. */
static bool aes_args(const struct arg *args, int aad, struct xctx *x, const struct conv_row *row,
		     struct aes *a)
{
	a->gcm = row->priv == AES_GCM_DEC || row->priv == AES_GCM_ENC;
	a->enc = row->priv == AES_GCM_ENC || row->priv == AES_CBC_ENC;
	a->cipher = cipher_of(args[0].i, a->gcm);
	if (!arg_base64(&args[1], x, &a->nonce) || !arg_base64(&args[2], x, &a->key))
		return false;
	return !arg_given(&args[aad]) || arg_base64(&args[aad], x, &a->aad);
}

static bool conv_aes_gcm_dec(const struct arg *args, struct sample *smp, struct xctx *x,
			     const struct conv_row *row)
{
	struct aes a = { 0 };
	struct str tag;

	if (!aes_args(args, 4, x, row, &a) || !arg_base64(&args[3], x, &tag) || tag.n != TAG_SIZE)
		return false;
	memcpy(a.tag, tag.p, TAG_SIZE);
	return aes_crypt(&a, smp, x);
}

static bool conv_aes_gcm_enc(const struct arg *args, struct sample *smp, struct xctx *x,
			     const struct conv_row *row)
{
	struct aes a = { 0 };
	struct sample tag = { .type = SMP_ANY };
	struct sbuf b = conv_buf(x, base64_len(TAG_SIZE));

	if (!aes_args(args, 4, x, row, &a) || !aes_crypt(&a, smp, x))
		return false;
	base64_enc(&b, str_make((char *)a.tag, TAG_SIZE), BASE64_STD);
	conv_set_str(&tag, &b);
	return var_set(args[3].p, &tag, 0, x);
}

static bool conv_aes_cbc(const struct arg *args, struct sample *smp, struct xctx *x,
			 const struct conv_row *row)
{
	struct aes a = { 0 };

	return aes_args(args, 3, x, row, &a) && aes_crypt(&a, smp, x);
}

#define BYTES_ARG ARG_STR_OR_VAR	/* in base64 */

const struct conv_row conv_crypto_rows[CONV_CRYPTO_ROWS] = {
	{ "sha1", conv_digest, { 0 }, check_sha1, SMP_BIN, SMP_BIN, "SHA-1 digest", 0 },
	{ "sha2", conv_digest, { 0, { ARG_SINT } }, check_sha2, SMP_BIN, SMP_BIN,
	  "SHA-2 digest of 224 to 512 bits", 0 },
	{ "digest", conv_digest, { 1, { ARG_STR } }, check_digest, SMP_BIN, SMP_BIN,
	  "message digest by its name", 0 },
	{ "hmac", conv_hmac, { 2, { ARG_STR, BYTES_ARG } }, check_hmac, SMP_BIN, SMP_BIN,
	  "message authentication code by digest and key (base64)", 0 },
	{ "secure_memcmp", conv_secure_memcmp, { 1, { ARG_VAR } }, NULL, SMP_BIN, SMP_BOOL,
	  "equal to a variable? in a time that tells nothing", 0 },
	{ "aes_gcm_dec", conv_aes_gcm_dec,
	  { 4, { ARG_SINT, BYTES_ARG, BYTES_ARG, BYTES_ARG, BYTES_ARG } }, check_aes_gcm_dec,
	  SMP_BIN, SMP_BIN, "decrypts AES-GCM", AES_GCM_DEC },
	{ "aes_gcm_enc", conv_aes_gcm_enc,
	  { 4, { ARG_SINT, BYTES_ARG, BYTES_ARG, ARG_VAR, BYTES_ARG } }, check_aes_gcm_enc, SMP_BIN,
	  SMP_BIN, "encrypts with AES-GCM, sets a variable to the tag", AES_GCM_ENC },
	{ "aes_cbc_dec", conv_aes_cbc, { 3, { ARG_SINT, BYTES_ARG, BYTES_ARG, BYTES_ARG } },
	  check_aes_cbc, SMP_BIN, SMP_BIN, "decrypts AES-CBC", AES_CBC_DEC },
	{ "aes_cbc_enc", conv_aes_cbc, { 3, { ARG_SINT, BYTES_ARG, BYTES_ARG, BYTES_ARG } },
	  check_aes_cbc, SMP_BIN, SMP_BIN, "encrypts with AES-CBC", AES_CBC_ENC },
};
