/* Fetches about TLS: the client's connection (ssl_fc_*), the server's (ssl_bc_*), the certificates of the client
 * (ssl_c_*), of the server (ssl_s_*) and our own (ssl_f_*). */
#include "weir/stream/fetches.h"
#include "weir/stream/stream.h"
#include "weir/tls/info.h"

enum { FRONT = 0, BACK = 0x100, OWN = 0x200, WHICH = 0xff };
enum { NAME_ISSUER, NAME_SUBJECT };

static struct conn *conn_of(const struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	const struct stream *s = x->strm;

	if (row->priv & BACK)
		return !s ? x->back : s->back ? s->back->conn : NULL;
	return se ? se->conn : NULL;
}

static bool f_is_on(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_bool(out, tls_is_on(conn_of(x, row)));
	return true;
}

static bool f_none(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	return false;
}

static bool f_number(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	int64_t v;

	if (!tls_number(conn_of(x, row), (enum tls_number)(row->priv & WHICH), &v))
		return false;
	smp_set_int(out, v);
	return true;
}

/* Without TLS the answer is no. */
static bool f_flag(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	int which = row->priv & WHICH;
	bool known;
	int64_t v;

	known = tls_number(conn_of(x, row), (enum tls_number)which, &v);
	smp_set_bool(out, known && v);
	return known || which != TLS_N_USED;	/* without TLS nobody could show a certificate */
}

/* Without TLS there is none. */
static bool f_tls_flag(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	int64_t v;

	if (!tls_number(conn_of(x, row), (enum tls_number)(row->priv & WHICH), &v))
		return false;
	smp_set_bool(out, v);
	return true;
}

static bool f_text(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!tls_text(conn_of(x, row), (enum tls_text)(row->priv & WHICH), x->mem, &v))
		return false;
	smp_set_str(out, v, SMP_F_CONST);
	return true;
}

static bool f_bin(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!tls_text(conn_of(x, row), (enum tls_text)(row->priv & WHICH), x->mem, &v))
		return false;
	smp_set_bin(out, v, SMP_F_CONST);
	return true;
}

static bool f_secret(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!tls_secret(conn_of(x, row), (enum tls_secret)(row->priv & WHICH), &v))
		return false;
	smp_set_str(out, v, SMP_F_CONST);
	return true;
}

/* --- ClientHello --- */

static bool part_of(const struct arg *args, struct xctx *x, const struct fetch_row *row, struct str *v)
{
	bool no_grease = args[0].type != ARG_END && args[0].i;

	return tls_hello_part(conn_of(x, row), (enum tls_hello_part)(row->priv & WHICH), no_grease, x->mem, v);
}

static bool f_hello(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!part_of(args, x, row, &v))
		return false;
	smp_set_bin(out, v, SMP_F_CONST);
	return true;
}

static bool f_hello_hex(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	static const char digits[] = "0123456789ABCDEF";
	struct str v;
	char *to;

	if (!part_of(args, x, row, &v))
		return false;
	to = arena_bytes(x->mem, 2 * v.n + 1);
	for (size_t i = 0; i < v.n; i++) {
		to[2 * i] = digits[(unsigned char)v.p[i] >> 4];
		to[2 * i + 1] = digits[v.p[i] & 0x0f];
	}
	smp_set_str(out, str_make(to, 2 * v.n), 0);
	return true;
}

static bool f_hello_str(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	bool no_grease = args[0].type != ARG_END && args[0].i;
	struct str v;

	if (!tls_hello_names(conn_of(x, row), no_grease, x->mem, &v))
		return false;
	smp_set_str(out, v, 0);
	return true;
}

/* --- certificates --- */

static X509 *cert_of(const struct xctx *x, const struct fetch_row *row)
{
	struct conn *c = conn_of(x, row);

	return row->priv & OWN ? tls_own_cert(c) : tls_peer_cert(c);
}

static bool f_cert(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	X509 *crt = cert_of(x, row);
	struct str v;

	if (!crt || !x509_part(crt, (enum x509_part)(row->priv & WHICH), x->mem, &v))
		return false;
	if (row->out == SMP_BIN)
		smp_set_bin(out, v, SMP_F_CONST);
	else
		smp_set_str(out, v, SMP_F_CONST);
	return true;
}

static bool f_version(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	X509 *crt = cert_of(x, row);

	if (!crt)
		return false;
	smp_set_int(out, X509_get_version(crt) + 1);
	return true;
}

static bool give_name(const X509_NAME *n, const struct arg *args, struct sample *out, struct xctx *x)
{
	struct str entry = args[0].type != ARG_END ? args[0].s : STR_NONE, v;
	bool has_occ = args[0].type != ARG_END && args[1].type != ARG_END;
	int occ = has_occ ? (int)args[1].i : 0;

	if (!x509_name(n, entry, occ, has_occ && args[2].type != ARG_END && args[2].s.n, x->mem, &v))
		return false;
	smp_set_str(out, v, 0);
	return true;
}

static bool f_name(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	X509 *crt = cert_of(x, row);

	if (!crt)
		return false;
	return give_name((row->priv & WHICH) == NAME_ISSUER ? X509_get_issuer_name(crt) : X509_get_subject_name(crt),
			 args, out, x);
}

static bool f_root(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	X509 *root = tls_root_cert(conn_of(x, row));

	return root && give_name(X509_get_subject_name(root), args, out, x);
}

static bool f_chain(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!tls_peer_chain(conn_of(x, row), x->mem, &v))
		return false;
	smp_set_bin(out, v, 0);
	return true;
}

static bool check_name(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (nargs < 3 || !args[2].s.n || str_eqz(args[2].s, "rfc2253"))
		return true;
	load_err_set(err, args[2].s.p, "only rfc2253 or a zero-length string are supported as formats");
	return false;
}

#define ROW(n, f, o, u, p, h) { .name = n, .fetch = f, .out = o, .use = u, .priv = p, .help = h }
#define LIST_ROW(n, f, o, u, p, h)                                                                                   \
	{                                                                                                            \
		.name = n, .fetch = f, .args = { 0, { ARG_SINT } }, .out = o, .use = u, .priv = p, .help = h         \
	}
#define NAME_ROW(n, f, o, u, p, h)                                                                                   \
	{                                                                                                            \
		.name = n, .fetch = f, .args = { 0, { ARG_STR, ARG_SINT, ARG_STR } }, .check = check_name, .out = o, \
		.use = u, .priv = p, .help = h                                                                       \
	}
const struct fetch_row stream_tls_fetches[STREAM_TLS_FETCHES] = {
	ROW("ssl_bc", f_is_on, SMP_BOOL, USE_L5SRV, BACK, "is TLS spoken with the server?"),
	ROW("ssl_bc_alg_keysize", f_number, SMP_SINT, USE_L5SRV, BACK | TLS_N_ALG_KEYSIZE,
	    "server: bits of the cipher's key"),
	ROW("ssl_bc_alpn", f_text, SMP_STR, USE_L5SRV, BACK | TLS_T_ALPN,
	    "server: protocol that ALPN agreed on"),
	ROW("ssl_bc_cipher", f_text, SMP_STR, USE_L5SRV, BACK | TLS_T_CIPHER,
	    "server: name of the cipher"),
	ROW("ssl_bc_client_random", f_bin, SMP_BIN, USE_L5SRV, BACK | TLS_T_CLIENT_RANDOM,
	    "server: the client's random bytes"),
	ROW("ssl_bc_curve", f_text, SMP_STR, USE_L5SRV, BACK | TLS_T_CURVE,
	    "server: group of the key exchange"),
	ROW("ssl_bc_err", f_number, SMP_SINT, USE_L5SRV, BACK | TLS_N_ERR,
	    "server: OpenSSL's number of the last error, 0: none"),
	ROW("ssl_bc_err_str", f_text, SMP_STR, USE_L5SRV, BACK | TLS_T_ERR,
	    "server: the last error in OpenSSL's words"),
	ROW("ssl_bc_is_resumed", f_flag, SMP_BOOL, USE_L5SRV, BACK | TLS_N_RESUMED,
	    "server: was the session taken up again?"),
	ROW("ssl_bc_npn", f_none, SMP_STR, USE_L5SRV, 0, "never a value: NPN is not spoken"),
	ROW("ssl_bc_protocol", f_text, SMP_STR, USE_L5SRV, BACK | TLS_T_PROTOCOL,
	    "server: TLS version"),
	ROW("ssl_bc_server_random", f_bin, SMP_BIN, USE_L5SRV, BACK | TLS_T_SERVER_RANDOM,
	    "server: the server's random bytes"),
	ROW("ssl_bc_session_id", f_bin, SMP_BIN, USE_L5SRV, BACK | TLS_T_SESSION_ID,
	    "server: identifier of the session"),
	ROW("ssl_bc_session_key", f_bin, SMP_BIN, USE_L5SRV, BACK | TLS_T_SESSION_KEY,
	    "server: master key of the session"),
	ROW("ssl_bc_sni", f_text, SMP_STR, USE_L5SRV, BACK | TLS_T_SNI,
	    "server: server name that was asked for"),
	ROW("ssl_bc_unique_id", f_bin, SMP_BIN, USE_L5SRV, BACK | TLS_T_UNIQUE_ID,
	    "server: TLS unique ID (RFC 5929)"),
	ROW("ssl_bc_use_keysize", f_number, SMP_SINT, USE_L5SRV, BACK | TLS_N_USE_KEYSIZE,
	    "server: bits of the cipher's key that count"),
	ROW("ssl_c_ca_err", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_CA_ERR,
	    "first verification error of the client's authorities"),
	ROW("ssl_c_ca_err_depth", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_CA_DEPTH,
	    "how far up the chain that was"),
	ROW("ssl_c_chain_der", f_chain, SMP_BIN, USE_L5CLI, FRONT | 0,
	    "the chain behind the client's certificate as it was sent, DER"),
	ROW("ssl_c_der", f_cert, SMP_BIN, USE_L5CLI, FRONT | X509_P_DER,
	    "the client's certificate, DER"),
	ROW("ssl_c_err", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_CRT_ERR,
	    "first verification error of the client's certificate"),
	NAME_ROW("ssl_c_i_dn", f_name, SMP_STR, USE_L5CLI, FRONT | NAME_ISSUER,
	    "name of the issuer of the client's certificate"),
	ROW("ssl_c_key_alg", f_cert, SMP_STR, USE_L5CLI, FRONT | X509_P_KEY_ALG,
	    "kind of key in the client's certificate"),
	ROW("ssl_c_notafter", f_cert, SMP_STR, USE_L5CLI, FRONT | X509_P_NOTAFTER,
	    "end of validity of the client's certificate, YYMMDDHHMMSSZ"),
	ROW("ssl_c_notbefore", f_cert, SMP_STR, USE_L5CLI, FRONT | X509_P_NOTBEFORE,
	    "begin of validity of the client's certificate, YYMMDDHHMMSSZ"),
	ROW("ssl_c_policies", f_cert, SMP_STR, USE_L5CLI, FRONT | X509_P_POLICIES,
	    "policies in the client's certificate"),
	NAME_ROW("ssl_c_r_dn", f_root, SMP_STR, USE_L5CLI, FRONT | 0,
	    "name of the root that the client was verified with"),
	NAME_ROW("ssl_c_s_dn", f_name, SMP_STR, USE_L5CLI, FRONT | NAME_SUBJECT,
	    "name of the subject of the client's certificate"),
	ROW("ssl_c_serial", f_cert, SMP_BIN, USE_L5CLI, FRONT | X509_P_SERIAL,
	    "serial number of the client's certificate"),
	ROW("ssl_c_sha1", f_cert, SMP_BIN, USE_L5CLI, FRONT | X509_P_SHA1,
	    "SHA-1 fingerprint of the client's certificate"),
	ROW("ssl_c_sig_alg", f_cert, SMP_STR, USE_L5CLI, FRONT | X509_P_SIG_ALG,
	    "algorithm that the client's certificate was signed with"),
	ROW("ssl_c_used", f_tls_flag, SMP_BOOL, USE_L5CLI, FRONT | TLS_N_USED,
	    "is there a client certificate (perhaps from a resumed session)?"),
	ROW("ssl_c_verify", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_VERIFY,
	    "result of the verification, 0: good"),
	ROW("ssl_c_version", f_version, SMP_SINT, USE_L5CLI, FRONT | 0,
	    "version of the client's certificate"),
	ROW("ssl_f_der", f_cert, SMP_BIN, USE_L5CLI, FRONT | OWN | X509_P_DER,
	    "the certificate that was shown to the client, DER"),
	NAME_ROW("ssl_f_i_dn", f_name, SMP_STR, USE_L5CLI, FRONT | OWN | NAME_ISSUER,
	    "name of the issuer of the certificate that was shown to the client"),
	ROW("ssl_f_key_alg", f_cert, SMP_STR, USE_L5CLI, FRONT | OWN | X509_P_KEY_ALG,
	    "kind of key in the certificate that was shown to the client"),
	ROW("ssl_f_notafter", f_cert, SMP_STR, USE_L5CLI, FRONT | OWN | X509_P_NOTAFTER,
	    "end of validity of the certificate that was shown to the client, YYMMDDHHMMSSZ"),
	ROW("ssl_f_notbefore", f_cert, SMP_STR, USE_L5CLI, FRONT | OWN | X509_P_NOTBEFORE,
	    "begin of validity of the certificate that was shown to the client, YYMMDDHHMMSSZ"),
	NAME_ROW("ssl_f_s_dn", f_name, SMP_STR, USE_L5CLI, FRONT | OWN | NAME_SUBJECT,
	    "name of the subject of the certificate that was shown to the client"),
	ROW("ssl_f_serial", f_cert, SMP_BIN, USE_L5CLI, FRONT | OWN | X509_P_SERIAL,
	    "serial number of the certificate that was shown to the client"),
	ROW("ssl_f_sha1", f_cert, SMP_BIN, USE_L5CLI, FRONT | OWN | X509_P_SHA1,
	    "SHA-1 fingerprint of the certificate that was shown to the client"),
	ROW("ssl_f_sig_alg", f_cert, SMP_STR, USE_L5CLI, FRONT | OWN | X509_P_SIG_ALG,
	    "algorithm that the certificate that was shown to the client was signed with"),
	ROW("ssl_f_version", f_version, SMP_SINT, USE_L5CLI, FRONT | OWN | 0,
	    "version of the certificate that was shown to the client"),
	ROW("ssl_fc", f_is_on, SMP_BOOL, USE_L5CLI, FRONT, "does the client speak TLS?"),
	ROW("ssl_fc_alg_keysize", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_ALG_KEYSIZE,
	    "client: bits of the cipher's key"),
	ROW("ssl_fc_alpn", f_text, SMP_STR, USE_L5CLI, FRONT | TLS_T_ALPN,
	    "client: protocol that ALPN agreed on"),
	ROW("ssl_fc_cipher", f_text, SMP_STR, USE_L5CLI, FRONT | TLS_T_CIPHER,
	    "client: name of the cipher"),
	LIST_ROW("ssl_fc_cipherlist_bin", f_hello, SMP_BIN, USE_L5CLI, FRONT | TLS_H_CIPHERS,
	    "the client's ciphers, two bytes each; 1: without GREASE"),
	LIST_ROW("ssl_fc_cipherlist_hex", f_hello_hex, SMP_STR, USE_L5CLI, FRONT | TLS_H_CIPHERS,
	    "the same in hexadecimal"),
	LIST_ROW("ssl_fc_cipherlist_str", f_hello_str, SMP_STR, USE_L5CLI, FRONT | TLS_H_CIPHERS,
	    "the same by name"),
	ROW("ssl_fc_cipherlist_xxh", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_CIPHERS_XXH,
	    "hash of the client's cipher list"),
	ROW("ssl_fc_client_early_traffic_secret", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_CLIENT_EARLY,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	ROW("ssl_fc_client_handshake_traffic_secret", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_CLIENT_HANDSHAKE,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	ROW("ssl_fc_client_random", f_bin, SMP_BIN, USE_L5CLI, FRONT | TLS_T_CLIENT_RANDOM,
	    "client: the client's random bytes"),
	ROW("ssl_fc_client_traffic_secret_0", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_CLIENT_0,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	ROW("ssl_fc_curve", f_text, SMP_STR, USE_L5CLI, FRONT | TLS_T_CURVE,
	    "client: group of the key exchange"),
	ROW("ssl_fc_early_exporter_secret", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_EARLY_EXPORTER,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	ROW("ssl_fc_early_rcvd", f_flag, SMP_BOOL, USE_L5CLI, FRONT | TLS_N_EARLY_RCVD,
	    "did early data come?"),
	ROW("ssl_fc_ecformats_bin", f_hello, SMP_BIN, USE_L5CLI, FRONT | TLS_H_FORMATS,
	    "the client's point formats, a byte each"),
	LIST_ROW("ssl_fc_eclist_bin", f_hello, SMP_BIN, USE_L5CLI, FRONT | TLS_H_GROUPS,
	    "the client's groups, two bytes each; 1: without GREASE"),
	ROW("ssl_fc_err", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_ERR,
	    "client: OpenSSL's number of the last error, 0: none"),
	ROW("ssl_fc_err_str", f_text, SMP_STR, USE_L5CLI, FRONT | TLS_T_ERR,
	    "client: the last error in OpenSSL's words"),
	ROW("ssl_fc_exporter_secret", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_EXPORTER,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	LIST_ROW("ssl_fc_extlist_bin", f_hello, SMP_BIN, USE_L5CLI, FRONT | TLS_H_EXTENSIONS,
	    "the client's extensions, two bytes each; 1: without GREASE"),
	ROW("ssl_fc_has_crt", f_tls_flag, SMP_BOOL, USE_L5CLI, FRONT | TLS_N_HAS_CRT,
	    "did the client show a certificate in this handshake?"),
	ROW("ssl_fc_has_early", f_tls_flag, SMP_BOOL, USE_L5CLI, FRONT | TLS_N_HAS_EARLY,
	    "is there early data that the handshake has not confirmed yet?"),
	ROW("ssl_fc_has_sni", f_flag, SMP_BOOL, USE_L5CLI, FRONT | TLS_N_HAS_SNI,
	    "did the client ask for a name?"),
	ROW("ssl_fc_is_resumed", f_flag, SMP_BOOL, USE_L5CLI, FRONT | TLS_N_RESUMED,
	    "client: was the session taken up again?"),
	ROW("ssl_fc_npn", f_none, SMP_STR, USE_L5CLI, 0, "never a value: NPN is not spoken"),
	ROW("ssl_fc_protocol", f_text, SMP_STR, USE_L5CLI, FRONT | TLS_T_PROTOCOL,
	    "client: TLS version"),
	ROW("ssl_fc_protocol_hello_id", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_HELLO_ID,
	    "version in the ClientHello, as a number"),
	ROW("ssl_fc_server_handshake_traffic_secret", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_SERVER_HANDSHAKE,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	ROW("ssl_fc_server_random", f_bin, SMP_BIN, USE_L5CLI, FRONT | TLS_T_SERVER_RANDOM,
	    "client: the server's random bytes"),
	ROW("ssl_fc_server_traffic_secret_0", f_secret, SMP_STR, USE_L5CLI, FRONT | TLS_K_SERVER_0,
	    "TLS 1.3 secret (tune.ssl.keylog)"),
	ROW("ssl_fc_session_id", f_bin, SMP_BIN, USE_L5CLI, FRONT | TLS_T_SESSION_ID,
	    "client: identifier of the session"),
	ROW("ssl_fc_session_key", f_bin, SMP_BIN, USE_L5CLI, FRONT | TLS_T_SESSION_KEY,
	    "client: master key of the session"),
	LIST_ROW("ssl_fc_sigalgs_bin", f_hello, SMP_BIN, USE_L5CLI, FRONT | TLS_H_SIGALGS,
	    "the client's signature algorithms, two bytes each"),
	ROW("ssl_fc_sni", f_text, SMP_STR, USE_L5CLI, FRONT | TLS_T_SNI,
	    "client: server name that was asked for"),
	LIST_ROW("ssl_fc_supported_versions_bin", f_hello, SMP_BIN, USE_L5CLI, FRONT | TLS_H_VERSIONS,
	    "the client's TLS versions, two bytes each"),
	ROW("ssl_fc_unique_id", f_bin, SMP_BIN, USE_L5CLI, FRONT | TLS_T_UNIQUE_ID,
	    "client: TLS unique ID (RFC 5929)"),
	ROW("ssl_fc_use_keysize", f_number, SMP_SINT, USE_L5CLI, FRONT | TLS_N_USE_KEYSIZE,
	    "client: bits of the cipher's key that count"),
	ROW("ssl_s_chain_der", f_chain, SMP_BIN, USE_L5SRV, BACK | 0,
	    "the server's certificates as they were sent, DER"),
	ROW("ssl_s_der", f_cert, SMP_BIN, USE_L5SRV, BACK | X509_P_DER,
	    "the server's certificate, DER"),
	NAME_ROW("ssl_s_i_dn", f_name, SMP_STR, USE_L5SRV, BACK | NAME_ISSUER,
	    "name of the issuer of the server's certificate"),
	ROW("ssl_s_key_alg", f_cert, SMP_STR, USE_L5SRV, BACK | X509_P_KEY_ALG,
	    "kind of key in the server's certificate"),
	ROW("ssl_s_notafter", f_cert, SMP_STR, USE_L5SRV, BACK | X509_P_NOTAFTER,
	    "end of validity of the server's certificate, YYMMDDHHMMSSZ"),
	ROW("ssl_s_notbefore", f_cert, SMP_STR, USE_L5SRV, BACK | X509_P_NOTBEFORE,
	    "begin of validity of the server's certificate, YYMMDDHHMMSSZ"),
	NAME_ROW("ssl_s_s_dn", f_name, SMP_STR, USE_L5SRV, BACK | NAME_SUBJECT,
	    "name of the subject of the server's certificate"),
	ROW("ssl_s_serial", f_cert, SMP_BIN, USE_L5SRV, BACK | X509_P_SERIAL,
	    "serial number of the server's certificate"),
	ROW("ssl_s_sha1", f_cert, SMP_BIN, USE_L5SRV, BACK | X509_P_SHA1,
	    "SHA-1 fingerprint of the server's certificate"),
	ROW("ssl_s_sig_alg", f_cert, SMP_STR, USE_L5SRV, BACK | X509_P_SIG_ALG,
	    "algorithm that the server's certificate was signed with"),
	ROW("ssl_s_version", f_version, SMP_SINT, USE_L5SRV, BACK | 0,
	    "version of the server's certificate"),
};
