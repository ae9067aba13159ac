/* Reads a document from left to right. What the path does not ask for is skipped by the same
 * functions that check it. */
#include "weir/base/json.h"

#include "weir/base/obj.h"

/* The unread rest of the document. */
struct reader {
	struct str in;
	int depth;
};

static bool skip_value(struct reader *r, enum json_type *type, struct str *text);

static char peek(const struct reader *r)
{
	return r->in.n ? r->in.p[0] : 0;
}

static void skip_white(struct reader *r)
{
	while (r->in.n && (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r'))
		r->in = str_skip(r->in, 1);
}

/* Takes one character with white space around it. */
static bool take(struct reader *r, char c)
{
	skip_white(r);
	if (!r->in.n || peek(r) != c)
		return false;
	r->in = str_skip(r->in, 1);
	skip_white(r);
	return true;
}

/* Behind the opening quote: up to the closing one. */
static bool skip_string(struct reader *r, struct str *text)
{
	size_t i = 0;

	for (; i < r->in.n && r->in.p[i] != '"'; i++) {
		if ((unsigned char)r->in.p[i] < 0x20)
			return false;
		if (r->in.p[i] == '\\')
			i++;
	}
	if (i >= r->in.n)
		return false;
	*text = str_head(r->in, i);
	r->in = str_skip(r->in, i + 1);
	return true;
}

static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* Length of a number at the beginning of s, or 0. */
static size_t number_length(struct str s)
{
	size_t n = s.n && s.p[0] == '-', d = digits(str_skip(s, n));

	if (d == 0)
		return 0;
	n += d;
	if (n < s.n && s.p[n] == '.') {
		d = digits(str_skip(s, n + 1));
		if (d == 0)
			return 0;
		n += 1 + d;
	}
	if (n < s.n && (s.p[n] | 0x20) == 'e') {
		size_t sign = n + 1 < s.n && (s.p[n + 1] == '+' || s.p[n + 1] == '-');

		d = digits(str_skip(s, n + 1 + sign));
		if (d == 0)
			return 0;
		n += 1 + sign + d;
	}
	return n;
}

/* A number or one of the three words. */
static bool skip_plain(struct reader *r, enum json_type *type, struct str *text)
{
	static const struct {
		struct str word;
		enum json_type type;
	} words[] = {
		{ STR_INIT("true"), JSON_BOOL },
		{ STR_INIT("false"), JSON_BOOL },
		{ STR_INIT("null"), JSON_NULL },
	};
	size_t n = number_length(r->in);

	*type = JSON_NUMBER;
	for (size_t i = 0; n == 0 && i < ARRAY_LEN(words); i++) {
		if (str_starts(r->in, words[i].word)) {
			*type = words[i].type;
			n = words[i].word.n;
		}
	}
	*text = str_head(r->in, n);
	r->in = str_skip(r->in, n);
	return n > 0;
}

/* Behind the opening bracket of an array or object: up to the closing one. */
static bool skip_members(struct reader *r, bool object)
{
	char end = object ? '}' : ']';
	enum json_type type;
	struct str text;

	if (take(r, end))
		return true;
	do {
		if (object && !(take(r, '"') && skip_string(r, &text) && take(r, ':')))
			return false;
		if (!skip_value(r, &type, &text))
			return false;
	} while (take(r, ','));
	return take(r, end);
}

static bool skip_nested(struct reader *r, enum json_type *type, struct str *text)
{
	const char *start = r->in.p;
	bool object = peek(r) == '{', ok;

	if (r->depth == JSON_DEPTH_MAX)
		return false;
	r->depth++;
	r->in = str_skip(r->in, 1);
	ok = skip_members(r, object);
	r->depth--;
	*type = object ? JSON_OBJECT : JSON_ARRAY;
	*text = str_make(start, r->in.p - start);
	while (text->n && text->p[text->n - 1] != (object ? '}' : ']'))
		text->n--;
	return ok;
}

/* Any value; *text is its text, without the quotes of a string. */
static bool skip_value(struct reader *r, enum json_type *type, struct str *text)
{
	skip_white(r);
	if (peek(r) == '{' || peek(r) == '[')
		return skip_nested(r, type, text);
	if (peek(r) != '"')
		return skip_plain(r, type, text);
	r->in = str_skip(r->in, 1);
	*type = JSON_STRING;
	return skip_string(r, text);
}

/* --- the path --- */

/* Is this the name, as the path writes it? */
static bool name_matches(struct str name, struct str wanted)
{
	size_t i = 0;

	for (size_t k = 0; k < wanted.n; k++, i++) {
		if (wanted.p[k] == '\\' && k + 1 < wanted.n)
			k++;
		if (i == name.n || name.p[i] != wanted.p[k])
			return false;
	}
	return i == name.n;
}

/* Takes a name from the path: up to the next step. */
static struct str take_name(struct str *path)
{
	struct str s = *path;
	size_t i = 0;

	while (i < s.n && s.p[i] != '.' && s.p[i] != '[')
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	*path = str_skip(s, i);
	return str_head(s, i);
}

/* Goes to the value of a member of the object that begins here. */
static bool enter_name(struct reader *r, struct str wanted)
{
	enum json_type type;
	struct str text;

	if (wanted.n == 0 || !take(r, '{'))
		return false;
	do {
		if (!(take(r, '"') && skip_string(r, &text) && take(r, ':')))
			return false;
		if (name_matches(text, wanted))
			return true;
		if (!skip_value(r, &type, &text))
			return false;
	} while (take(r, ','));
	return false;
}

/* Goes to an element of the array that begins here. */
static bool enter_index(struct reader *r, uint64_t index)
{
	enum json_type type;
	struct str text;

	if (!take(r, '[') || peek(r) == ']')
		return false;
	for (; index; index--)
		if (!skip_value(r, &type, &text) || !take(r, ','))
			return false;
	return true;
}

static bool take_index(struct str *path, uint64_t *index)
{
	size_t n = digits(*path);

	if (n == 0 || n > 9 || n >= path->n || path->p[n] != ']')
		return false;
	*index = 0;
	for (size_t i = 0; i < n; i++)
		*index = *index * 10 + (path->p[i] - '0');
	*path = str_skip(*path, n + 1);
	return true;
}

enum json_type json_find(struct str doc, struct str path, struct str *value)
{
	struct reader r = { .in = doc };
	enum json_type type;
	uint64_t index;

	if (!str_starts(path, STR("$")))
		return JSON_NONE;
	path = str_skip(path, 1);
	while (path.n) {
		char step = path.p[0];

		path = str_skip(path, 1);
		if (++r.depth > JSON_DEPTH_MAX)
			return JSON_NONE;
		if (step == '.' && enter_name(&r, take_name(&path)))
			continue;
		if (step == '[' && take_index(&path, &index) && enter_index(&r, index))
			continue;
		return JSON_NONE;
	}
	return skip_value(&r, &type, value) ? type : JSON_NONE;
}
