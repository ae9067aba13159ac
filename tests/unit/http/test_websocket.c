#include "tests/unit/unit.h"

#include "weir/base/obj.h"
#include "weir/http/h2c.h"
#include "weir/http/websocket.h"

START_TEST(accept_value)
{
	char buf[WEBSOCKET_ACCEPT_LEN];	/* the example of RFC 6455 */

	ck_assert(str_eqz(websocket_accept(STR("dGhlIHNhbXBsZSBub25jZQ=="), buf), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	ck_assert(websocket_accept_ok(STR("dGhlIHNhbXBsZSBub25jZQ=="), STR("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
	ck_assert(!websocket_accept_ok(STR("dGhlIHNhbXBsZSBub25jZQ=="), STR("s3pPLMBiTxaQ9kYGzzhZRbK+xOo")));
	ck_assert(!websocket_accept_ok(STR("x"), STR("")));
}
END_TEST

START_TEST(keys)
{
	char a[WEBSOCKET_KEY_LEN], b[WEBSOCKET_KEY_LEN];
	struct str first = websocket_new_key(a), second = websocket_new_key(b);

	ck_assert(websocket_key_ok(first) && websocket_key_ok(second) && !str_eq(first, second));
	ck_assert(websocket_key_ok(STR("dGhlIHNhbXBsZSBub25jZQ==")));
	ck_assert(!websocket_key_ok(STR("dGhlIHNhbXBsZSBub25jZQ")) && !websocket_key_ok(STR("")));
	ck_assert(!websocket_key_ok(STR("dGhlIHNhbXBsZSBub25jZXg=")));
	ck_assert(!websocket_key_ok(STR("dGhlIHNhbXBsZSBub25j*Q==")));
}
END_TEST

START_TEST(settings)
{
	static const struct { const char *text; int n; } rows[] = {
		{ "", 0 }, { "AAMAAABk", 1 }, { "AAMAAABkAAQCAAAAAAIAAAAA", 3 }, { "AAMAAAB", -1 },
		{ "AAMAAABkAA", -1 },
		{ "AAMAAAB*", -1 }, { "AAMAAABk ", -1 }, { "AAMAAABk=", -1 }, { "AAMAAABk====", -1 },
		{ "AAMAAA+k", -1 }, { "AAMAAA_-", 1 },
		{ "AAIAAAAC", -1 },	/* push 2 */
		{ "AASAAAAA", -1 },	/* window 2^31 */
		{ "AAUAAAAA", -1 },	/* frame 0 */
		{ "AAUBAAAA", -1 },	/* frame 2^24 */
		{ "AAgAAAAC", -1 },	/* connect protocol 2 */
		{ "__8AAAAC", 1 },	/* unknown */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct h2_setting s[H2C_SETTINGS_MAX];

		ck_assert_msg(h2c_decode(str_c(rows[i].text), s) == rows[i].n, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(settings_and_back)
{
	struct h2_setting s[H2C_SETTINGS_MAX], back[H2C_SETTINGS_MAX];
	char buf[H2C_TEXT_MAX + 12];
	struct str text;

	for (int i = 0; i < H2C_SETTINGS_MAX; i++)
		s[i] = (struct h2_setting){ .id = 1000 + i, .value = 0xfedcba98 - i };
	for (int n = 0; n <= H2C_SETTINGS_MAX; n++) {
		text = h2c_encode(s, n, buf);
		ck_assert_uint_eq(text.n, n * 8);
		ck_assert_int_eq(h2c_decode(text, back), n);
		for (int i = 0; i < n; i++)
			ck_assert(back[i].id == s[i].id && back[i].value == s[i].value);
	}
	memcpy(buf + text.n, "AAMAAABk", 8);	/* one too many */
	ck_assert_int_eq(h2c_decode(str_make(buf, text.n + 8), back), -1);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("websocket keys, HTTP2-Settings");

	UNIT_TEST(s, accept_value);
	UNIT_TEST(s, keys);
	UNIT_TEST(s, settings);
	UNIT_TEST(s, settings_and_back);
	return unit_run(s);
}
