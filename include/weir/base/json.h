/* JSON (RFC 8259): writing strings, and finding one value in a document without building it. */
#ifndef WEIR_BASE_JSON_H
#define WEIR_BASE_JSON_H

#include "weir/base/sbuf.h"
#include "weir/base/str.h"

/* --- writing --- */

/* How json_escape reads its input. Code points above U+FFFF, U+FFFE and U+FFFF count as faults. */
enum json_mode {
	JSON_ASCII,	/* bytes are ISO 8859-1: never fails */
	JSON_UTF8,	/* fails on any fault */
	JSON_UTF8S,	/* drops faults */
	JSON_UTF8P,	/* takes overlong forms, fails on other faults */
	JSON_UTF8PS,	/* takes overlong forms, drops other faults */
};
/* "ascii", "utf8", "utf8s", "utf8p", "utf8ps". */
bool json_mode_parse(struct str name, enum json_mode *mode);
/* The inside of a string in pure ASCII, without quotes; "/" is escaped too. False: a fault, or it
 * did not fit. */
bool json_escape(struct sbuf *out, struct str in, enum json_mode mode);
/* A whole string with its quotes for documents of our own: good UTF-8 stays, bad bytes become
 * U+FFFD. False: cut. */
bool json_quote(struct sbuf *out, struct str in);

/* --- reading --- */

enum json_type {
	JSON_NONE,
	JSON_STRING,
	JSON_NUMBER,
	JSON_BOOL,
	JSON_NULL,
	JSON_ARRAY,
	JSON_OBJECT
};
#define JSON_DEPTH_MAX 32

/* The value at a path like "$.a.b[0]"; in names a backslash stands before a "." or "[" that belongs
 * to them. Of equal names the first counts. *value: the value's text as it stands in the document,
 * without the quotes of a string. The document is checked only as far as needed. JSON_NONE: not
 * there, bad document, bad path, nested too deep. */
enum json_type json_find(struct str doc, struct str path, struct str *value);
/* Text of the inside of a string: escapes to UTF-8. False: bad escape, or it did not fit (never
 * longer than the input). */
bool json_unescape(struct sbuf *out, struct str in);

#endif
