/* Converters of libcrypto. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case digests[] = {
	{ "str(abc),sha1,hex", "A9993E364706816ABA3E25717850C26C9CD0D89D" },
	{ "str(),sha1,hex", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709" },
	{ "str(abc),sha2,hex",
	  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" },
	{ "str(abc),sha2(224),hex",
	  "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7" },
	{ "str(abc),sha2(256),hex",
	  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" },
	{ "str(abc),sha2(384),hex",
	  "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA1E7CC23"
	  "58BAECA134C825A7" },
	{ "str(abc),sha2(512),hex",
	  "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A2192992A274FC1A8"
	  "36BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F" },
	{ "str(abc),sha2(128),hex", "ERR" }, { "str(abc),sha2(0),hex", "ERR" },
	{ "str(abc),digest(sha256),hex",
	  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" },
	{ "str(abc),digest(SHA256),hex",
	  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" },
	{ "str(abc),digest(sha3-256),hex",
	  "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532" },
	{ "str(abc),digest(md5),hex", "900150983CD24FB0D6963F7D28E17F72" },
	{ "str(abc),digest(foo),hex", "ERR" }, { "str(abc),digest(),hex", "ERR" },
	{ "str(abc),digest,hex", "ERR" },
	{ "str(abc),hmac(sha256,a2V5),hex",
	  "9C196E32DC0175F86F4B1CB89289D6619DE6BEE699E4C378E68309ED97A1A6AB" },
	{ "str(abc),hmac(sha256,a2V),hex", "ERR" }, { "str(abc),hmac(foo,a2V5),hex", "ERR" },
	{ "str(abc),hmac(sha256),hex", "ERR" },
	{ "str(abc),hmac(sha1,),hex", "9B4A918F398D74D3E367970ABA3CBE54E4D2B5D9" },
	{ "str(abc),hmac(sha1,txn.k),hex", "<none>" },
};

START_TEST(gives_digests)
{
	RUN_CASES(digests);
}
END_TEST

static const struct conv_case aes[] = {
	{ "bin(01),aes_gcm_dec(128,YWJjZGVmZ2hpamts,Zm9vb2Zvb29mb29wZm9vbw==,YWJjZGVmZ2hpam"
	  "tsbW5vcA==),hex",
	  "<none>" },
	{ "bin(01),aes_gcm_dec(127,YWJjZGVmZ2hpamts,Zm9vb2Zvb29mb29wZm9vbw==,YWJjZGVmZ2hpam"
	  "tsbW5vcA==),hex",
	  "ERR" },
	{ "bin(01),aes_gcm_dec(128,!,Zm9vb2Zvb29mb29wZm9vbw==,YWJjZGVmZ2hpamtsbW5vcA==),hex",
	  "ERR" },
	{ "bin(01),aes_gcm_dec(256,YWJjZGVmZ2hpamts,Zm9vb2Zvb29mb29wZm9vbw==,YWJjZGVmZ2hpam"
	  "tsbW5vcA==),hex",
	  "<none>" },
};

START_TEST(gives_aes)
{
	RUN_CASES(aes);
}
END_TEST

/* AES-GCM: NIST's test case 4 for 128 bits, key feffe992..., with and without additional data. */
#define GCM_KEY "/v/pkoZlcxxtao+UZzCDCA=="
#define GCM_NONCE "yv66vvrO263eyviI"
#define GCM_PLAIN                                                                                  \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e24" \
	"49a6b525b16aedf5aa0de657ba637b39"
#define GCM_CIPHER                                                                                 \
	"42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25466931C7D8F6A5A" \
	"AC84AA051BA30B396A0AAC973D58E091"
#define GCM_AAD "/u36zt6tvu/+7frO3q2+76ut2tI="

START_TEST(aes_gcm)
{
	struct world w;
	const char *tag = "5BC94FBC3221A5DB94FAE95AE7121A47";

	world_init(&w);
	VALUE(&w,
	      "bin(" GCM_PLAIN "),aes_gcm_enc(128," GCM_NONCE "," GCM_KEY ",txn.tag," GCM_AAD
	      "),hex",
	      GCM_CIPHER);
	VALUE(&w, "var(txn.tag),b64dec,hex", tag);
	VALUE(&w,
	      "bin(" GCM_CIPHER "),aes_gcm_dec(128," GCM_NONCE "," GCM_KEY ",txn.tag," GCM_AAD
	      "),hex,lower",
	      GCM_PLAIN);
	/* wrong tag, other data, no data, wrong key size */
	VALUE(&w,
	      "bin(" GCM_CIPHER "),aes_gcm_dec(128," GCM_NONCE "," GCM_KEY "," GCM_KEY "," GCM_AAD
	      ")",
	      "<none>");
	VALUE(&w,
	      "bin(" GCM_CIPHER "),aes_gcm_dec(128," GCM_NONCE "," GCM_KEY ",txn.tag," GCM_KEY ")",
	      "<none>");
	VALUE(&w, "bin(" GCM_CIPHER "),aes_gcm_dec(128," GCM_NONCE "," GCM_KEY ",txn.tag)",
	      "<none>");
	VALUE(&w, "bin(" GCM_CIPHER "),aes_gcm_dec(256," GCM_NONCE "," GCM_KEY ",txn.tag)",
	      "<none>");
	VALUE(&w, "str(),aes_gcm_enc(128," GCM_NONCE "," GCM_KEY ",txn.tag),length", "0");
	world_fini(&w);
}
END_TEST

START_TEST(aes_arguments_from_variables)
{
	struct world w;

	world_init(&w);
	set_text(&w, "txn.key", STR(GCM_KEY));
	set_text(&w, "txn.nonce", STR(GCM_NONCE));
	set_text(&w, "txn.bad", STR("###"));
	VALUE(&w,
	      "str(secret),aes_gcm_enc(128,txn.nonce,txn.key,txn.tag),aes_gcm_dec(128,txn.nonce,"
	      "txn.key,txn.tag),hex",
	      "736563726574");
	VALUE(&w, "str(secret),aes_gcm_enc(128,txn.bad,txn.key,txn.tag)", "<none>");
	VALUE(&w, "str(secret),aes_gcm_enc(128,txn.none,txn.key,txn.tag)", "<none>");
	ck_assert(strncmp(value_of(&w, "str(x),aes_gcm_enc(128,###,txn.key,txn.tag)"), "ERR ", 4) ==
		  0);
	ck_assert(strncmp(value_of(&w, "str(x),aes_gcm_enc(129,txn.nonce,txn.key,txn.tag)"), "ERR ",
			  4) == 0);
	world_fini(&w);
}
END_TEST

/* RFC 3602 4, case 1 (the first block: padding follows it). */
#define CBC_KEY "BqkhQDa4oVtRLgPVNBIABg=="
#define CBC_IV "Pa+6Qp2etDC0ItqALJ+sQQ=="

START_TEST(aes_cbc)
{
	struct world w;

	world_init(&w);
	VALUE(&w,
	      "str(attack),aes_cbc_enc(128," CBC_IV "," CBC_KEY "),aes_cbc_dec(128," CBC_IV
	      "," CBC_KEY "),hex",
	      "61747461636B");
	VALUE(&w,
	      "str(Single block msg),aes_cbc_enc(128," CBC_IV "," CBC_KEY "),bytes(0,16),hex,lower",
	      "e353779c1079aeb82708942dbe77181a");
	VALUE(&w, "str(attack at dawn),aes_cbc_dec(128," CBC_IV "," CBC_KEY ")", "<none>");
	VALUE(&w, "str(attack),aes_cbc_enc(128,AAAA," CBC_KEY ")", "<none>");
	VALUE(&w, "str(attack),aes_cbc_enc(192," CBC_IV "," CBC_KEY ")", "<none>");
	world_fini(&w);
}
END_TEST

START_TEST(compares_in_constant_time)
{
	struct world w;

	world_init(&w);
	set_bytes(&w, "txn.v", STR("a\0b"));
	set_text(&w, "txn.empty", STR(""));
	VALUE(&w, "bin(610062),secure_memcmp(txn.v)", "1");
	VALUE(&w, "bin(610063),secure_memcmp(txn.v)", "0");
	VALUE(&w, "str(a),secure_memcmp(txn.v)", "0");
	VALUE(&w, "str(),secure_memcmp(txn.empty)", "1");
	VALUE(&w, "str(a),secure_memcmp(txn.none)", "<none>");
	world_fini(&w);
}
END_TEST

START_TEST(hmac_key_from_a_variable)
{
	struct world w;

	world_init(&w);
	set_text(&w, "txn.k", STR("a2V5"));
	VALUE(&w, "str(abc),hmac(sha256,txn.k),hex",
	      "9C196E32DC0175F86F4B1CB89289D6619DE6BEE699E4C378E68309ED97A1A6AB");
	world_fini(&w);
}
END_TEST

START_TEST(verification_results_by_name)
{
	static const struct conv_case cases[] = {
		{ "int(0),x509_v_err_str", "X509_V_OK" },
		{ "int(10),x509_v_err_str", "X509_V_ERR_CERT_HAS_EXPIRED" },
		{ "int(20),x509_v_err_str", "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY" },
		{ "int(9999),x509_v_err_str", "9999" },
		{ "int(-1),x509_v_err_str", "-1" },
	};

	RUN_CASES(cases);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_crypto");

	UNIT_TEST(s, gives_digests);
	UNIT_TEST(s, gives_aes);
	UNIT_TEST(s, aes_gcm);
	UNIT_TEST(s, aes_arguments_from_variables);
	UNIT_TEST(s, aes_cbc);
	UNIT_TEST(s, compares_in_constant_time);
	UNIT_TEST(s, hmac_key_from_a_variable);
	UNIT_TEST(s, verification_results_by_name);
	return unit_run(s);
}
