/* Commands about crt-lists, names, OCSP answers, ticket keys. */
#include <openssl/provider.h>

#include "certs_priv.h"
#include "weir/base/enc.h"

/* --- crt-lists --- */

static enum ctl_result show_list(struct ctl_req *r, struct tls_files *f)
{
	bool numbers = str_eqz(word(r, 0), "-n");
	struct str name = word(r, numbers);

	if (!tls_store_show_list(f, name, numbers, r->out))
		return ctl_fail(r, "didn't find the specified filename");
	return CTL_DONE;
}

static enum ctl_result cmd_show_list(struct ctl_req *r)
{
	return on_files(r, show_list);
}

static enum ctl_result add_line(struct ctl_req *r, struct tls_files *f)
{
	struct str list = word(r, 0), line = r->payload.n ? r->payload : word(r, 1), crt;
	struct tls_fault why;

	if (!list.n || !line.n)
		return ctl_fail(r, "'add ssl crtlist' expects a filename and a certificate name");
	line = str_trim_ws(line);
	if (str_chr(line, '\n') != (size_t)-1)
		return ctl_fail(r, "'add ssl crtlist' expects one line as a payload");
	if (!tls_store_add_line(f, list, line, r->mem, &crt, &why))
		return ctl_fail(r, "Can't edit the crt-list: %s", why.text);
	sbuf_printf(r->out, "Inserting certificate '" STR_FMT "' in crt-list '" STR_FMT "'.\nSuccess!\n", STR_ARG(crt),
		    STR_ARG(list));
	return CTL_DONE;
}

static enum ctl_result cmd_add_line(struct ctl_req *r)
{
	return on_files(r, add_line);
}

static enum ctl_result del_line(struct ctl_req *r, struct tls_files *f)
{
	struct str list = word(r, 0), crt = word(r, 1);
	struct tls_fault why;

	if (!list.n || !crt.n)
		return ctl_fail(r, "'del ssl crtlist' expects a filename and a certificate name");
	if (!tls_store_del_line(f, list, &crt, &why))
		return ctl_fail(r, "Can't delete the entry: %s", why.text);
	return ctl_say(r, CTL_NOTICE, "Entry '" STR_FMT "' deleted in crtlist '" STR_FMT "'!", STR_ARG(crt),
		       STR_ARG(list));
}

static enum ctl_result cmd_del_line(struct ctl_req *r)
{
	return on_files(r, del_line);
}

/* --- names --- */

static enum ctl_result show_sni(struct ctl_req *r, struct tls_files *f)
{
	bool by_front = str_eqz(word(r, 0), "-f");

	if (by_front && !word(r, 1).n)
		return ctl_fail(r, "'-f' requires a frontend name");
	tls_store_show_sni(f, word(r, 1), by_front, r->out);
	return CTL_DONE;
}

static enum ctl_result cmd_show_sni(struct ctl_req *r)
{
	return on_files(r, show_sni);
}

/* --- OCSP --- */

static struct str base64_of(struct ctl_req *r, const char *der, size_t n)
{
	struct sbuf b = sbuf_grow();
	struct str out;

	base64_enc(&b, str_make(der, n), BASE64_STD);
	out = arena_str(r->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out;
}

static enum ctl_result show_ocsp(struct ctl_req *r, struct tls_files *f)
{
	bool coded = str_eqz(word(r, 0), "base64"), named = coded || str_eqz(word(r, 0), "text");
	struct str id = word(r, named), der;

	if (!coded) {
		if (tls_store_show_ocsp(f, id, r->mem, r->out))
			return CTL_DONE;
	} else if (id.n && tls_store_ocsp_der(f, id, r->mem, &der)) {
		sbuf_printf(r->out, STR_FMT "\n", STR_ARG(base64_of(r, der.p, der.n)));
		return CTL_DONE;
	}
	return ctl_fail(r, "Certificate ID does not match any certificate.");
}

static enum ctl_result cmd_show_ocsp(struct ctl_req *r)
{
	return on_files(r, show_ocsp);
}

static struct str without_blanks(struct ctl_req *r, struct str in)
{
	char *to = arena_bytes(r->mem, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++)
		if (!strchr(" \t\r\n", in.p[i]))
			to[n++] = in.p[i];
	return str_make(to, n);
}

static enum ctl_result set_ocsp(struct ctl_req *r, struct tls_files *f)
{
	struct str text = without_blanks(r, r->payload.n ? r->payload : word(r, 0));
	struct sbuf der = sbuf_grow();
	struct tls_fault why;
	bool coded, ok;

	if (!text.n)
		return ctl_fail(r, "'set ssl ocsp-response' expects response in base64 encoding.");
	coded = base64_dec(&der, text, BASE64_STD);
	ok = coded && tls_store_set_ocsp(f, sbuf_str(&der), &why);
	sbuf_fini(&der);
	if (!coded)
		return ctl_fail(r, "'set ssl ocsp-response' received invalid base64 encoded response.");
	if (!ok)
		return ctl_fail(r, "%s", why.text);
	return ctl_say(r, CTL_INFO, "OCSP Response updated!");
}

static enum ctl_result cmd_set_ocsp(struct ctl_req *r)
{
	return on_files(r, set_ocsp);
}

static enum ctl_result show_updates(struct ctl_req *r, struct tls_files *f)
{
	tls_store_show_updates(f, r->out);
	return CTL_DONE;
}

static enum ctl_result cmd_show_updates(struct ctl_req *r)
{
	return on_files(r, show_updates);
}

static enum ctl_result update_ocsp(struct ctl_req *r, struct tls_files *f)
{
	if (!word(r, 0).n)
		return ctl_fail(r, "'update ssl ocsp-response' expects a filename");
	if (!tls_store_update_ocsp(f, word(r, 0)))
		return ctl_fail(r, "'update ssl ocsp-response' only works on certificates with ocsp-update");
	return CTL_DONE;
}

static enum ctl_result cmd_update_ocsp(struct ctl_req *r)
{
	return on_files(r, update_ocsp);
}

/* --- ticket keys --- */

static enum ctl_result show_keys(struct ctl_req *r, struct tls_files *f)
{
	if (!tls_store_show_keys(f, word(r, 0), r->out))
		return ctl_fail(r, "'show tls-keys' unable to locate referenced filename");
	return CTL_DONE;
}

static enum ctl_result cmd_show_keys(struct ctl_req *r)
{
	return on_files(r, show_keys);
}

static enum ctl_result set_key(struct ctl_req *r, struct tls_files *f)
{
	if (!word(r, 0).n || !word(r, 1).n)
		return ctl_fail(r, "'set ssl tls-key' expects a filename and the new TLS key in base64 encoding.");
	switch (tls_store_set_key(f, word(r, 0), word(r, 1))) {
	case TLS_KEY_NO_FILE:
		return ctl_fail(r, "'set ssl tls-key' unable to locate referenced filename");
	case TLS_KEY_BAD:
		return ctl_fail(r, "'set ssl tls-key' received invalid base64 encoded TLS key.");
	case TLS_KEY_SIZE:
		return ctl_fail(r, "'set ssl tls-key' received a key of wrong size.");
	case TLS_KEY_SET:
		break;
	}
	return ctl_say(r, CTL_INFO, "TLS ticket key updated!");
}

static enum ctl_result cmd_set_key(struct ctl_req *r)
{
	return on_files(r, set_key);
}

/* --- OpenSSL --- */

static int put_provider(OSSL_PROVIDER *p, void *arg)
{
	sbuf_printf(arg, "\t- %s\n", OSSL_PROVIDER_get0_name(p));
	return 1;
}

static enum ctl_result cmd_providers(struct ctl_req *r)
{
	sbuf_putz(r->out, "Loaded providers : \n");
	OSSL_PROVIDER_do_all(NULL, put_provider, r->out);
	return CTL_DONE;
}

const struct ctl_row certs_list_rows[] = {
	{ "show ssl crt-list", CTL_ADMIN, cmd_show_list, "[-n] [<list>]",
	  "crt-lists, or the lines of one (-n: numbered)", 0, 0 },
	{ "add ssl crt-list", CTL_ADMIN, cmd_add_line, "<list> <cert> | <list> <payload>",
	  "adds a line to a crt-list", CTL_F_PAYLOAD, 0 },
	{ "del ssl crt-list", CTL_ADMIN, cmd_del_line, "<list> <cert[:line]>", "removes a line from a crt-list", 0, 0 },
	{ "show ssl sni", CTL_USER, cmd_show_sni, "[-f <frontend>]", "which certificate answers to which name", 0, 0 },
	{ "show ssl ocsp-response", CTL_USER, cmd_show_ocsp, "[[text|base64] <id|path>]",
	  "identifiers of OCSP answers, or one answer", 0, 0 },
	{ "set ssl ocsp-response", CTL_OPERATOR, cmd_set_ocsp, "<base64> | <payload>", "replaces an OCSP answer",
	  CTL_F_PAYLOAD, 0 },
	{ "show ssl ocsp-updates", CTL_USER, cmd_show_updates, NULL, "what ocsp-update has done and will do", 0,
	  0 },
	{ "update ssl ocsp-response", CTL_ADMIN, cmd_update_ocsp, "<file>",
	  "fetches the answer about a certificate now", 0, 0 },
	{ "show tls-keys", CTL_ADMIN, cmd_show_keys, "[*|<id>|<file>]", "files of ticket keys, or their keys", 0, 0 },
	{ "set ssl tls-key", CTL_ADMIN, cmd_set_key, "<id|file> <base64>", "adds a ticket key, the oldest one goes",
	  0, 0 },
	{ "show ssl providers", CTL_USER, cmd_providers, NULL, "OpenSSL's providers", 0, 0 },
	{ NULL, CTL_USER, NULL, NULL, NULL, 0, 0 },
};
