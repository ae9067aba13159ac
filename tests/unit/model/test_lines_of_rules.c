/* Lines that are rules, replies, options and limits: what is said of wrong ones (HAProxy's sentences), what right
 * ones leave behind. */
#include "tests/unit/model/load.h"
#include "weir/model/bwlim.h"

static const struct line wrong[] = {
	/* replies */
	{ "http-request return string a", "a content type must be defined when non-empty payload is configured." },
	{ "http-request return content-type a/b string ''", "'string' expects <str> as argument." },
	{ "http-request return string a file /x", "unexpected 'file' argument, 'string' already defined." },
	{ "http-request return hdr x", "'hdr' expects <name> and <value> as arguments." },
	{ "http-request return status 199", "Unexpected status code '199'." },
	{ "http-request return status 600", "Unexpected status code '600'." },
	{ "http-request return status", "'status' expects <status_code> as argument." },
	{ "http-request return content-type", "'content-type' expects <ctype> as argument." },
	{ "http-request return lf-string %[foo] content-type a/b", "unknown fetch method 'foo'." },
	{ "http-request return file @/nosuch", "error opening file" },
	{ "http-request return status 418 default-errorfiles",
	  "status code '418' not handled by default with 'default-errorfiles' argument." },
	{ "http-request return status 418 errorfiles x",
	  "status code '418' not handled by default with 'errorfiles' argument." },
	{ "http-request deny deny_status 418",
	  "status code '418' not handled by default with 'default-errorfiles' argument." },
	{ "http-request deny deny_status 403 foo", "'http-request deny' expects either 'if' or 'unless' followed by a "
						   "condition but found 'foo'." },
	/* limits of bandwidth */
	{ "filter bwlim-in", "'filter bwlim-in' : a name is expected as first argument." },
	{ "filter bwlim-in a default-limit 5k", "'default-limit' and 'default-period' are both needed." },
	{ "filter bwlim-in a default-limit 5k default-period 0", "are both needed." },
	{ "filter bwlim-in a default-limit 0 default-period 1s", "invalid value '0' for 'default-limit'." },
	{ "filter bwlim-in a default-limit", "'default-limit' expects a size." },
	{ "filter bwlim-out a default-period 1x", "unexpected character 'x'" },
	{ "filter bwlim-out a key src", "(limits shared through a table) is known to HAProxy, not built in weir." },
	{ "filter bwlim-out a nonsense", "Expects 'default-limit', 'default-period' or 'min-size'." },
	/* options */
	{ "option forwardfor except", "'option forwardfor except' expects <address>[/mask] as argument." },
	{ "option forwardfor except 1.1.1.1/33", "'option forwardfor except' expects <address>[/mask] as argument." },
	{ "option forwardfor header", "'option forwardfor header' expects <header_name> as argument." },
	{ "option originalto if-none", "'option originalto' only supports optional values: 'except' and 'header'." },
	{ "option httplog foo", "keyword 'httplog' only supports option 'clf'." },
	{ "option httplog clf foo", "'option httplog' cannot handle unexpected argument 'foo'." },
	{ "option nolinge", "unknown option 'nolinge'; did you mean 'nolinger' maybe ?" },
	{ "option dontlognull x", "'option dontlognull' cannot handle unexpected argument 'x'." },
	/* rules */
	{ "tcp-request", "missing argument for 'tcp-request' in " },
	{ "tcp-request foo", "'tcp-request' expects 'inspect-delay', 'connection', or 'content' in " },
	{ "tcp-request inspect-delay x", "(unexpected character 'x')" },
	{ "tcp-response", "missing argument for 'tcp-response' in " },
	{ "tcp-response foo", "'tcp-response' expects 'inspect-delay' or 'content' in " },
	{ "use_backend", "'use_backend' expects a backend name." },
	{ "use-server x", "'use-server' requires either 'if' or 'unless' followed by a condition." },
	{ "ignore-persist x", "'ignore-persist' requires either 'if' or 'unless' followed by a condition." },
	{ "force-persist if nope", "error detected while parsing a 'force-persist' rule : no such ACL : 'nope'." },
	{ "redirect", "redirection type expected ('prefix', 'location', or 'scheme')." },
	{ "redirect location / code 999", "unsupported HTTP code '999' (must be one of 301, 302, 303, 307 or 308)." },
	{ "acl a nope", "error detected while parsing ACL 'a' : unknown fetch method 'nope' in ACL expression" },
};

#define LISTEN HTTP "listen l\n\tbind 127.0.0.1:1\n"

START_TEST(wrong_lines)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct sbuf text = sbuf_grow();

		sbuf_printf(&text, LISTEN "\t%s\n", wrong[i].line);
		refused(sbuf_z(&text), wrong[i].says);
		sbuf_fini(&text);
	}
}
END_TEST

START_TEST(warnings)
{
	warned(LISTEN "\thttp-request return hdr content-length 3\n",
	       "header 'content-length' always ignored by the http reply.");
	warned(LISTEN "\thttp-request return status 503 default-errorfiles content-type a/b\n",
	       "content-type 'a/b' ignored by the http reply when used with an erorrfile.");
	warned(LISTEN "\thttp-request return status 503 errorfile /dev/null hdr a b\n",
	       "hdr parameters ignored by the http reply when used with an erorrfile.");
	warned(LISTEN "\thttp-request return content-type a/b\n",
	       "content-type 'a/b' ignored by the http reply because neither errorfile nor payload defined.");
	good(LISTEN "\thttp-request return status 418\n\thttp-after-response set-header a b\n");
	warned(LISTEN "\thttp-request deny\n\thttp-request deny\n",
	       "previous 'http-request' action is final and has no condition attached, further entries are NOOP.");
}
END_TEST

START_TEST(what_stays)
{
	struct conf *c = good(LISTEN "\tfilter bwlim-in a default-limit 5k default-period 2s min-size 10\n"
				     "\tfilter bwlim-out b default-limit 7 default-period 3\n"
				     "\toption httpclose\n\toption http-server-close\n\tno option http-keep-alive\n"
				     "\toption forwardfor except 10.0.0.0/8 header X-Who if-none\n"
				     "\toption redispatch -2\n\ttcp-request inspect-delay 5s\n");
	const struct proxy *p = conf_frontend(c, STR("l"));
	const struct bwlim *a = proxy_bwlim(p, STR("a")), *b = proxy_bwlim(p, STR("b"));

	ck_assert(a->in && a->limit == 5120 && a->period == 2000 && a->min_size == 10);
	ck_assert(!b->in && b->limit == 7 && b->period == 3 && !b->min_size);
	ck_assert_ptr_null(proxy_bwlim(p, STR("c")));
	/* The last of the three ways counts. */
	ck_assert(p->options & PO_SERVER_CLOSE && !(p->options & (PO_HTTP_CLOSE | PO_KEEP_ALIVE)));
	ck_assert(str_eqz(p->fwd.header, "x-who") && p->fwd.if_none && p->fwd.has_except4 && !p->fwd.has_except6);
	ck_assert(p->options & PO_REDISPATCH && p->redispatch_after == -2 && p->t_inspect_req == 5000);
	conf_unref(c);
	refused(LISTEN "\tfilter bwlim-in a default-limit 5k default-period 2s\n"
		       "\tfilter bwlim-out a default-limit 5k default-period 2s\n",
		"'filter bwlim-out' : the name 'a' is already used at t.cfg:8.");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("lines of rules");

	tables_up();
	UNIT_TEST(s, wrong_lines);
	UNIT_TEST(s, warnings);
	UNIT_TEST(s, what_stays);
	return unit_run(s);
}
