#include "weir/http/websocket.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "weir/base/enc.h"
#include "weir/base/obj.h"

#define NONCE_BYTES 16
#define SHA1_BYTES 20

static struct str base64(const void *p, size_t n, char *buf, size_t size)
{
	struct sbuf b = sbuf_fixed(buf, size);

	WASSERT(base64_enc(&b, str_make(p, n), BASE64_STD));
	return sbuf_str(&b);
}

struct str websocket_new_key(char buf[WEBSOCKET_KEY_LEN])
{
	unsigned char nonce[NONCE_BYTES];

	WASSERT(RAND_bytes(nonce, sizeof(nonce)) == 1);
	return base64(nonce, sizeof(nonce), buf, WEBSOCKET_KEY_LEN);
}

bool websocket_key_ok(struct str key)
{
	char nonce[NONCE_BYTES + 2];
	struct sbuf b = sbuf_fixed(nonce, sizeof(nonce));

	return key.n == WEBSOCKET_KEY_LEN && base64_dec(&b, key, BASE64_STD) && b.n == NONCE_BYTES;
}

struct str websocket_accept(struct str key, char buf[WEBSOCKET_ACCEPT_LEN])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char sum[SHA1_BYTES];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	WASSERT(ctx && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1);
	WASSERT(EVP_DigestUpdate(ctx, key.p, key.n) == 1);
	WASSERT(EVP_DigestUpdate(ctx, guid, sizeof(guid) - 1) == 1);
	WASSERT(EVP_DigestFinal_ex(ctx, sum, NULL) == 1);
	EVP_MD_CTX_free(ctx);
	return base64(sum, sizeof(sum), buf, WEBSOCKET_ACCEPT_LEN);
}

bool websocket_accept_ok(struct str key, struct str accept)
{
	char buf[WEBSOCKET_ACCEPT_LEN];

	return str_eq(websocket_accept(key, buf), accept);
}
