#include "weir/http/h2c.h"

#include "weir/base/enc.h"
#include "weir/base/obj.h"

#define SETTING_BYTES 6

/* Padding is superfluous but some clients send it; only as much as completes four. */
static struct str unpadded(struct str s)
{
	size_t n = s.n;

	while (n && s.n - n < 2 && s.p[n - 1] == '=')
		n--;
	return s.n % 4 == 0 ? str_head(s, n) : s;
}

/* RFC 9113 section 6.5.2, RFC 8441 section 3. */
static bool legal(const struct h2_setting *s)
{
	switch (s->id) {
	case 2:		/* ENABLE_PUSH */
	case 8:		/* ENABLE_CONNECT_PROTOCOL */
		return s->value <= 1;
	case 4:		/* INITIAL_WINDOW_SIZE */
		return s->value <= INT32_MAX;
	case 5:		/* MAX_FRAME_SIZE */
		return s->value >= 16384 && s->value <= 16777215;
	default:
		return true;
	}
}

int h2c_decode(struct str value, struct h2_setting out[H2C_SETTINGS_MAX])
{
	char raw[H2C_SETTINGS_MAX * SETTING_BYTES];
	struct sbuf b = sbuf_fixed(raw, sizeof(raw));
	const unsigned char *p = (const unsigned char *)raw;
	int n;

	if (!base64_dec(&b, unpadded(value), BASE64_URL) || b.n % SETTING_BYTES)
		return -1;
	n = b.n / SETTING_BYTES;
	for (int i = 0; i < n; i++, p += SETTING_BYTES) {
		out[i].id = p[0] << 8 | p[1];
		out[i].value = (uint32_t)p[2] << 24 | (uint32_t)p[3] << 16 | (uint32_t)p[4] << 8 | p[5];
		if (!legal(&out[i]))
			return -1;
	}
	return n;
}

struct str h2c_encode(const struct h2_setting *s, int n, char buf[H2C_TEXT_MAX])
{
	unsigned char raw[H2C_SETTINGS_MAX * SETTING_BYTES], *p = raw;
	struct sbuf b = sbuf_fixed(buf, H2C_TEXT_MAX);

	WASSERT(n <= H2C_SETTINGS_MAX);
	for (int i = 0; i < n; i++) {
		*p++ = s[i].id >> 8;
		*p++ = s[i].id;
		for (int shift = 24; shift >= 0; shift -= 8)
			*p++ = s[i].value >> shift;
	}
	WASSERT(base64_enc(&b, str_make((char *)raw, p - raw), BASE64_URL));
	return sbuf_str(&b);
}

bool h2c_valid_request(const struct msg *m)
{
	struct h2_setting settings[H2C_SETTINGS_MAX];
	int i = msg_find_id(m, FIELD_HTTP2_SETTINGS, 0);

	if (i < 0 || msg_find_id(m, FIELD_HTTP2_SETTINGS, i + 1) >= 0)
		return false;
	return m->major == 1 && m->minor >= 1 && m->method != METHOD_CONNECT &&
	       msg_has_token(m, FIELD_UPGRADE, STR("h2c")) && msg_has_token(m, FIELD_CONNECTION, STR("upgrade")) &&
	       msg_has_token(m, FIELD_CONNECTION, STR("http2-settings")) &&
	       h2c_decode(field_value_str(&m->f[i]), settings) >= 0;
}
