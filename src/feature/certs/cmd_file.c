/* Commands about certificates, CA files and CRL files. One function serves the three kinds: the row says which. */
#include "certs_priv.h"
#include "weir/base/num.h"

static enum tls_store_kind kind_of(const struct ctl_req *r)
{
	return str_eqz(r->w[2], "cert") ? TLS_STORE_CERT : str_eqz(r->w[2], "ca-file") ? TLS_STORE_CA : TLS_STORE_CRL;
}

/* As HAProxy names them in one place and another. */
static const char *const kinds[] = { "certificate", "CA file", "CRL file" };
static const char *const words[] = { "ssl cert", "ssl ca-file", "ssl crl-file" };

/* --- show --- */

/* "name:3": one of several. A colon that is part of a name is left there. */
static int take_index(struct str *name)
{
	size_t at = name->n;
	int64_t n;

	while (at && name->p[at - 1] != ':')
		at--;
	if (!at || !num_i64(str_skip(*name, at), &n) || n <= 0 || n > INT32_MAX)
		return 0;
	*name = str_head(*name, at - 1);
	return (int)n;
}

static bool show_ocsp_part(struct ctl_req *r, struct tls_files *f, struct str name)
{
	return str_ends(name, STR(".ocsp")) &&
	       tls_store_show_ocsp(f, str_head(name, name.n - 5), r->mem, r->out);
}

static enum ctl_result show(struct ctl_req *r, struct tls_files *f)
{
	enum tls_store_kind kind = kind_of(r);
	struct str name = word(r, 0), whole = name;
	int index = 0;

	if (!name.n) {
		tls_store_list(f, kind, r->out);
		return CTL_DONE;
	}
	if (tls_store_show(f, kind, name, 0, r->mem, r->out))
		return CTL_DONE;
	if (kind != TLS_STORE_CERT)
		index = take_index(&name);
	if (index && tls_store_show(f, kind, name, index, r->mem, r->out))
		return CTL_DONE;
	if (kind == TLS_STORE_CERT && show_ocsp_part(r, f, whole))
		return CTL_DONE;
	if (kind == TLS_STORE_CERT)
		return ctl_fail(r, "Can't display the certificate: Not found or the certificate is a bundle!");
	return ctl_fail(r, "Can't display the %s : Not found!", kinds[kind]);
}

static enum ctl_result cmd_show(struct ctl_req *r)
{
	return on_files(r, show);
}

/* --- new, del --- */

static enum ctl_result add_new(struct ctl_req *r, struct tls_files *f)
{
	enum tls_store_kind kind = kind_of(r);
	struct str name = word(r, 0);

	if (!name.n)
		return ctl_fail(r, "'new %s' expects a filename", words[kind]);
	if (!tls_store_new(f, kind, name))
		return ctl_fail(r, "%s '" STR_FMT "' already exists!",
				kind == TLS_STORE_CERT ? "Certificate" : kinds[kind], STR_ARG(name));
	if (kind == TLS_STORE_CERT)
		return ctl_say(r, CTL_NOTICE, "New empty certificate store '" STR_FMT "'!", STR_ARG(name));
	return ctl_say(r, CTL_NOTICE, "New %s created '" STR_FMT "'!", kinds[kind], STR_ARG(name));
}

static enum ctl_result cmd_new(struct ctl_req *r)
{
	return on_files(r, add_new);
}

static enum ctl_result del(struct ctl_req *r, struct tls_files *f)
{
	enum tls_store_kind kind = kind_of(r);
	struct str name = word(r, 0);
	struct tls_fault why;

	if (!name.n)
		return ctl_fail(r, "'del %s' expects a %s name", words[kind], kinds[kind]);
	if (!tls_store_del(f, kind, name, &why))
		return ctl_fail(r, "Can't remove the %s: %s\n", kinds[kind], why.text);
	return ctl_say(r, CTL_NOTICE, "%s '" STR_FMT "' deleted!", kind == TLS_STORE_CERT ? "Certificate" : kinds[kind],
		       STR_ARG(name));
}

static enum ctl_result cmd_del(struct ctl_req *r)
{
	return on_files(r, del);
}

/* --- set, commit, abort --- */

static enum ctl_result put(struct ctl_req *r, struct tls_files *f, bool add)
{
	static const char *const begun[] = { "ransaction %s for certificate ", "ransaction %s for CA ",
					     "ransaction %s for CRL " };
	static const char *const what[] = { "a certificate", "CAs", "CRLs" };
	enum tls_store_kind kind = kind_of(r);
	struct str name = word(r, 0), changed;
	struct tls_fault why;
	bool created;

	if (!name.n || !r->payload.n)
		return ctl_fail(r, "'%s %s expects a filename and %s as a payload", add ? "add" : "set", words[kind],
				what[kind]);
	if (!tls_store_set(f, kind, name, r->payload, add, r->mem, &changed, &created, &why))
		return ctl_fail(r, "%s\nCan't update " STR_FMT "!", why.text, STR_ARG(name));
	sbuf_putc(r->out, kind == TLS_STORE_CERT ? 'T' : 't');
	sbuf_printf(r->out, begun[kind], created ? "created" : "updated");
	sbuf_printf(r->out, STR_FMT "!\n", STR_ARG(changed));
	return CTL_DONE;
}

static enum ctl_result set(struct ctl_req *r, struct tls_files *f)
{
	return put(r, f, false);
}

static enum ctl_result add(struct ctl_req *r, struct tls_files *f)
{
	return put(r, f, true);
}

static enum ctl_result cmd_set(struct ctl_req *r)
{
	return on_files(r, set);
}

static enum ctl_result cmd_add(struct ctl_req *r)
{
	return on_files(r, add);
}

static enum ctl_result commit(struct ctl_req *r, struct tls_files *f)
{
	enum tls_store_kind kind = kind_of(r);
	struct str name = word(r, 0);
	struct tls_fault why;
	unsigned uses = 0;

	if (!name.n)
		return ctl_fail(r, "'commit %s expects a filename", words[kind]);
	if (!tls_store_commit(f, kind, name, &uses, &why))
		return ctl_fail(r, "%s%s\nCan't commit " STR_FMT "!", why.text,
				str_starts(str_c(why.text), STR("No ongoing")) ? " !" : "", STR_ARG(name));
	sbuf_printf(r->out, "Committing " STR_FMT, STR_ARG(name));
	while (uses--)
		sbuf_putc(r->out, '.');
	sbuf_putz(r->out, "\nSuccess!\n");
	return CTL_DONE;
}

static enum ctl_result cmd_commit(struct ctl_req *r)
{
	return on_files(r, commit);
}

static enum ctl_result forget(struct ctl_req *r, struct tls_files *f)
{
	enum tls_store_kind kind = kind_of(r);
	struct str name = word(r, 0);
	struct tls_fault why;

	if (!name.n)
		return ctl_fail(r, "'abort %s' expects a filename", words[kind]);
	if (!tls_store_abort(f, kind, name, &why))
		return ctl_fail(r, "%s", why.text);
	return ctl_say(r, CTL_NOTICE, "Transaction aborted for certificate '" STR_FMT "'!", STR_ARG(name));
}

static enum ctl_result cmd_abort(struct ctl_req *r)
{
	return on_files(r, forget);
}

#define SHOW(word, a, h) { "show ssl " word, CTL_USER, cmd_show, a, h, 0, 0 }
#define SET(verb, fn, word, a, h) { verb " ssl " word, CTL_ADMIN, fn, a, h, CTL_F_PAYLOAD, 0 }
#define DO(verb, fn, word, a, h) { verb " ssl " word, CTL_ADMIN, fn, a, h, 0, 0 }
const struct ctl_row certs_file_rows[] = {
	SHOW("cert", "[[*]<file>]", "certificates in memory, or one of them (*: as the pending change has it)"),
	SHOW("ca-file", "[[*]<file>[:<index>]]", "CA files in memory, or the certificates of one"),
	SHOW("crl-file", "[[*]<file>[:<index>]]", "CRL files in memory, or the lists of one"),
	DO("new", cmd_new, "cert", "<file>", "an empty certificate of that name, to be set and committed"),
	DO("new", cmd_new, "ca-file", "<file>", "an empty CA file of that name"),
	DO("new", cmd_new, "crl-file", "<file>", "an empty CRL file of that name"),
	SET("set", cmd_set, "cert", "<file> <payload>", "next content of a certificate, or of a part of it (.key ...)"),
	SET("set", cmd_set, "ca-file", "<file> <payload>", "next content of a CA file"),
	SET("set", cmd_set, "crl-file", "<file> <payload>", "next content of a CRL file"),
	SET("add", cmd_add, "ca-file", "<file> <payload>", "certificates to add to a CA file"),
	DO("commit", cmd_commit, "cert", "<file>", "puts a changed certificate into force"),
	DO("commit", cmd_commit, "ca-file", "<file>", "puts a changed CA file into force"),
	DO("commit", cmd_commit, "crl-file", "<file>", "puts a changed CRL file into force"),
	DO("abort", cmd_abort, "cert", "<file>", "forgets the change of a certificate"),
	DO("abort", cmd_abort, "ca-file", "<file>", "forgets the change of a CA file"),
	DO("abort", cmd_abort, "crl-file", "<file>", "forgets the change of a CRL file"),
	DO("del", cmd_del, "cert", "<file>", "forgets a certificate that nothing uses"),
	DO("del", cmd_del, "ca-file", "<file>", "forgets a CA file that nothing uses"),
	DO("del", cmd_del, "crl-file", "<file>", "forgets a CRL file that nothing uses"),
	{ NULL, CTL_USER, NULL, NULL, NULL, 0, 0 },
};
