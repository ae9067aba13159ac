/* The first line of the input is a path, the rest a document; the whole of it goes through the escapers too. */
#include <stdint.h>
#include "weir/base/json.h"
#include "weir/base/obj.h"
#include "weir/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void escape_everything(struct str in)
{
	struct sbuf out = sbuf_grow(), back = sbuf_grow();

	for (enum json_mode m = JSON_ASCII; m <= JSON_UTF8PS; m++) {
		sbuf_clear(&out);
		if (json_escape(&out, in, m)) {
			sbuf_clear(&back);
			WASSERT(json_unescape(&back, sbuf_str(&out)));
			WASSERT(utf8_valid(sbuf_str(&back)));
			WASSERT(m != JSON_UTF8 || str_eq(sbuf_str(&back), in));
		}
	}
	sbuf_clear(&out);
	WASSERT(json_quote(&out, in) && utf8_valid(sbuf_str(&out)));
	sbuf_fini(&out);
	sbuf_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size), path, value, again;
	struct sbuf text = sbuf_grow();
	enum json_type type;

	escape_everything(rest);
	path = str_cut(&rest, '\n');
	type = json_find(rest, path, &value);
	if (type == JSON_STRING) {
		json_unescape(&text, value);
		WASSERT(text.n <= value.n);
	} else if (type != JSON_NONE) {
		/* a value is a document by itself */
		WASSERT(json_find(value, STR("$"), &again) == type && str_eq(value, again));
	}
	sbuf_fini(&text);
	return 0;
}
