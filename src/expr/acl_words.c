/* ACL keywords: names for a fetch with a kind of matching. A family of keywords is one row: "path" also gives path_beg,
 * path_dir, path_dom, path_end, path_len, path_reg and path_sub. And the ACLs that nobody has to declare. */
#include <stdio.h>

#include "acl_priv.h"

static const struct acl_row {
	const char *name, *fetch;
	enum pat_kind kind;		/* of the bare name */
	bool family;			/* name_beg ... exist */
	bool dotted;
} rows[] = {
	{ "base", "base", PAT_STR, true, false },
	{ "cook", "req.cook", PAT_STR, true, false },
	{ "hdr", "req.hdr", PAT_STR, true, false },
	{ "http_auth_group", "http_auth_group", PAT_STR, false, false },
	{ "method", "method", PAT_STR, false, false },
	{ "path", "path", PAT_STR, true, false },
	{ "payload", "req.payload", PAT_BIN, false, false },
	{ "payload_lv", "req.payload_lv", PAT_BIN, false, false },
	{ "req.ssl_ver", "req.ssl_ver", PAT_INT, false, true },
	{ "req_rdp_cookie", "req.rdp_cookie", PAT_STR, false, false },
	{ "req_rdp_cookie_cnt", "req.rdp_cookie_cnt", PAT_INT, false, false },
	{ "req_ssl_sni", "req.ssl_sni", PAT_STR, false, false },
	{ "req_ssl_ver", "req.ssl_ver", PAT_INT, false, true },
	{ "req_ver", "req.ver", PAT_STR, false, false },
	{ "resp_ver", "res.ver", PAT_STR, false, false },
	{ "scook", "res.cook", PAT_STR, true, false },
	{ "shdr", "res.hdr", PAT_STR, true, false },
	{ "ssl_fc_sni_end", "ssl_fc_sni", PAT_END, false, false },
	{ "ssl_fc_sni_reg", "ssl_fc_sni", PAT_REG, false, false },
	{ "url", "url", PAT_STR, true, false },
	{ "urlp", "urlp", PAT_STR, true, false },
};

static const enum pat_kind variants[] = { PAT_BEG, PAT_DIR, PAT_DOM, PAT_END, PAT_LEN, PAT_REG, PAT_SUB };

/* Cuts "_beg" and the like from the end. */
static bool cut_variant(struct str *name, enum pat_kind *kind)
{
	size_t at = str_rchr(*name, '_');

	if (at == (size_t)-1)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(variants); i++)
		if (str_eqz(str_skip(*name, at + 1), pat_kind_name(variants[i]))) {
			*kind = variants[i];
			name->n = at;
			return true;
		}
	return false;
}

static const struct acl_row *row_of(struct str name)
{
	return row_find(rows, ARRAY_LEN(rows), sizeof(rows[0]), name);
}

bool acl_word_find(struct str name, struct acl_word *out)
{
	const struct acl_row *row = row_of(name);
	enum pat_kind kind = row ? row->kind : PAT_STR;

	*out = (struct acl_word){ .fetch = NULL };
	if (!row && cut_variant(&name, &kind)) {
		row = row_of(name);
		if (row && !row->family)
			row = NULL;
	}
	if (row) {
		out->fetch = fetch_find(str_c(row->fetch));
		out->has_kind = true;
		out->kind = kind;
		out->dotted = row->dotted;
		return out->fetch != NULL;
	}
	return false;
}

/* path_beg and its like stand in no table. */
static void try_variants(struct row_near *near, const struct acl_row *row, char buf[ACL_WORD_MAX])
{
	for (size_t i = 0; row->family && i < ARRAY_LEN(variants); i++) {
		char word[ACL_WORD_MAX];
		const char *before = near->best;

		snprintf(word, sizeof(word), "%s_%s", row->name, pat_kind_name(variants[i]));
		row_near_try(near, word);
		if (near->best == word) {
			memcpy(buf, word, ACL_WORD_MAX);
			near->best = buf;
		} else {
			near->best = before;
		}
	}
}

const char *acl_word_near(struct str name, char buf[ACL_WORD_MAX])
{
	struct row_near near;
	const char *fetch = fetch_near(name);

	row_near_init(&near, name);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_near_try(&near, rows[i].name);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		try_variants(&near, &rows[i], buf);
	if (fetch)
		row_near_try(&near, fetch);
	return row_near_best(&near);
}

static const struct predefined {
	const char *name;
	const char *words[5];
} predefined[] = {
	{ "TRUE", { "always_true" } },
	{ "FALSE", { "always_false" } },
	{ "LOCALHOST", { "src", "127.0.0.1/8", "::1" } },
	{ "HTTP", { "req.proto_http" } },
	{ "HTTP_1.0", { "req.ver", "1.0" } },
	{ "HTTP_1.1", { "req.ver", "1.1" } },
	{ "HTTP_2.0", { "req.ver", "2.0" } },
	{ "HTTP_3.0", { "req.ver", "3.0" } },
	{ "METH_CONNECT", { "method", "CONNECT" } },
	{ "METH_DELETE", { "method", "DELETE" } },
	{ "METH_GET", { "method", "GET", "HEAD" } },
	{ "METH_HEAD", { "method", "HEAD" } },
	{ "METH_OPTIONS", { "method", "OPTIONS" } },
	{ "METH_PATCH", { "method", "PATCH" } },
	{ "METH_POST", { "method", "POST" } },
	{ "METH_PUT", { "method", "PUT" } },
	{ "METH_TRACE", { "method", "TRACE" } },
	{ "HTTP_URL_ABS", { "url_reg", "^[^/:]*://" } },
	{ "HTTP_URL_SLASH", { "url_beg", "/" } },
	{ "HTTP_URL_STAR", { "url", "*" } },
	{ "HTTP_CONTENT", { "req.hdr_val(content-length)", "gt", "0" } },
	{ "RDP_COOKIE", { "req.rdp_cookie_cnt", "gt", "0" } },
	{ "REQ_CONTENT", { "req.len", "gt", "0" } },
	{ "WAIT_END", { "wait_end" } },
};

const char *const *acl_predefined(struct str name)
{
	const struct predefined *p = row_find(predefined, ARRAY_LEN(predefined), sizeof(predefined[0]), name);

	return p ? p->words : NULL;
}
