/* HTTP2-Settings: what is decoded is legal, and the text made of it decodes to the same. */
#include "weir/base/obj.h"
#include "weir/http/h2c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct h2_setting s[H2C_SETTINGS_MAX], back[H2C_SETTINGS_MAX];
	char buf[H2C_TEXT_MAX];
	struct str text = str_make((const char *)data, size), made;
	int n = h2c_decode(text, s);

	if (n < 0)
		return 0;
	made = h2c_encode(s, n, buf);
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	WASSERT(str_eq(made, text));
	WASSERT(h2c_decode(made, back) == n);
	for (int i = 0; i < n; i++)
		WASSERT(s[i].id == back[i].id && s[i].value == back[i].value);
	return 0;
}
