/* Lines to commands: ';' between commands, backslashes before blanks and semicolons, and a payload behind << up to an
 * empty line (or to a line that repeats what stands behind the <<). */
#include "cli_priv.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* End of the command that begins at p: an unescaped ';' or the end of the line. */
static size_t command_end(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\\')
			i++;
		else if (line.p[i] == ';')
			return i;
	}
	return line.n;
}

static struct str take_word(struct str *rest, struct arena *mem)
{
	char *word = arena_bytes(mem, rest->n + 1);
	size_t n = 0, i = 0;

	for (; i < rest->n && !is_blank(rest->p[i]); i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n)
			i++;
		word[n++] = rest->p[i];
	}
	word[n] = '\0';
	*rest = str_skip(*rest, i);
	return str_make(word, n);
}

static void split_words(struct str text, struct cli_words *out, struct arena *mem)
{
	out->n = 0;
	for (;;) {
		while (text.n && is_blank(text.p[0]))
			text = str_skip(text, 1);
		if (!text.n || out->n == CLI_WORDS_MAX)
			return;
		out->w[out->n++] = take_word(&text, mem);
	}
}

/* Finds the line that ends the payload; *len: bytes of the payload, *used: with its end. */
static bool find_payload(struct str text, struct str end, size_t *len, size_t *used)
{
	struct str rest = text;

	while (rest.n) {
		size_t nl = str_chr(rest, '\n');
		struct str line;

		if (nl == (size_t)-1)
			return false;
		line = str_head(rest, nl);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (str_eq(line, end)) {
			*len = (size_t)(rest.p - text.p);
			*used = *len + nl + 1;
			return true;
		}
		rest = str_skip(rest, nl + 1);
	}
	return false;
}

static enum cli_next take_payload(struct cli_input *in, struct cli_words *out, struct str behind, struct arena *mem)
{
	struct str mark = out->w[out->n - 1];
	size_t len, used;

	if (!find_payload(behind, str_skip(mark, 2), &len, &used)) {
		if (behind.n > CLI_PAYLOAD_MAX)
			return CLI_NEXT_TOO_LONG;
		return in->eof ? CLI_NEXT_NONE : CLI_NEXT_PAYLOAD;
	}
	out->payload = arena_str(mem, str_head(behind, len));
	out->n--;
	in->at = (size_t)(behind.p - in->buf.p) + used;
	in->in_line = false;
	return CLI_NEXT_COMMAND;
}

enum cli_next cli_input_next(struct cli_input *in, struct cli_words *out, struct arena *mem)
{
	struct str text = str_make(in->buf.p + in->at, in->buf.n - in->at), line;
	size_t nl = text.n ? str_chr(text, '\n') : (size_t)-1, end;
	bool whole = nl != (size_t)-1;

	if (!whole && (!in->eof || (!text.n && !in->in_line)))
		return text.n > CLI_LINE_MAX ? CLI_NEXT_TOO_LONG : CLI_NEXT_NONE;
	line = whole ? str_head(text, nl) : text;
	if (line.n > CLI_LINE_MAX)
		return CLI_NEXT_TOO_LONG;
	end = command_end(line);
	out->last = end == line.n;
	out->payload = STR_NONE;
	split_words(str_head(line, end), out, mem);
	if (out->last && whole && out->n > 1 && str_starts(out->w[out->n - 1], STR("<<")))
		return take_payload(in, out, str_skip(text, nl + 1), mem);
	in->in_line = !out->last;
	in->at += out->last ? line.n + whole : end + 1;
	return CLI_NEXT_COMMAND;
}

bool cli_input_pending(const struct cli_input *in)
{
	return in->at < in->buf.n || in->in_line;
}
