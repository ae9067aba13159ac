/* Converters that take apart what peers send. The first byte of the input picks an expression, the
 * rest is the value that it begins with; results must lie inside the memory they claim. */
#include <stdint.h>
#include "weir/base/obj.h"
#include "weir/expr/compile.h"
#include "weir/expr/conv.h"
#include "weir/expr/rows.h"
#include "weir/expr/vars.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const chains[] = {
	"mqtt_is_valid",
	"eth.data,ip.data,tcp.options_list",
	"eth.vlan",
	"eth.proto",
	"ip.hdr,hex",
	"ip.src",
	"ip.dst",
	"ip.tos",
	"ip.data,tcp.options.mss",
	"tcp.options.wscale",
	"tcp.options.tsval",
	"tcp.options.sack",
	"tcp.win",
	"mqtt_field_value(connect,username)",
	"mqtt_field_value(connect,17)",
	"mqtt_field_value(connect,will_topic)",
	"mqtt_field_value(connack,reason_code)",
	"mqtt_field_value(connack,31)",
	"fix_is_valid",
	"fix_tag_value(35)",
	"protobuf(1)",
	"protobuf(1.2.3,int32)",
	"protobuf(2,double)",
	"ungrpc(1.2)",
	"ungrpc(3,float)",
	"rfc7239_is_valid",
	"rfc7239_field(for),rfc7239_n2nn",
	"rfc7239_field(by),rfc7239_n2np",
	"rfc7239_field(host),host_only",
	"host_only",
	"port_only",
	"reverse_dom",
	"word(2,/)",
	"word(-2,'/,',3)",
	"field(2,/)",
	"field(-3,/,0)",
	"param(a)",
	"language(en;fr;de-CH,x)",
	"b64dec,base64",
	"ub64dec,ub64enc",
	"url_dec,url_enc",
	"url_dec(1)",
	"json(utf8ps)",
	"json_query('$.a[1]')",
	"json_query('$.a',int)",
	"be2hex(:,3)",
	"be2dec(:,8,1)",
	"le2dec(-,3)",
	"base2",
	"hex2i",
	"cut_crlf,ltrim(ab),rtrim(ab),reverse",
	"bytes(3,5)",
	"regsub('(a+)b','<\\1>',g)",
	"aes_gcm_dec(128,AAAA,AAAAAAAAAAAAAAAAAAAAAA==,AAAAAAAAAAAAAAAAAAAAAA==)",
	"aes_cbc_dec(128,AAAAAAAAAAAAAAAAAAAAAA==,AAAAAAAAAAAAAAAAAAAAAA==)",
	"hex,hex2i,http_date",
};

static struct expr *compiled[ARRAY_LEN(chains)];

static void compile_all(void)
{
	static const struct fetch_table fetches[] = {
		{ fetch_intern_rows, FETCH_INTERN_ROWS }, { NULL, 0 },
	};
	static const struct conv_table convs[] = {
		{ conv_int_rows, CONV_INT_ROWS }, { conv_text_rows, CONV_TEXT_ROWS },
		{ conv_field_rows, CONV_FIELD_ROWS }, { conv_bytes_rows, CONV_BYTES_ROWS },
		{ conv_enc_rows, CONV_ENC_ROWS }, { conv_crypto_rows, CONV_CRYPTO_ROWS },
		{ conv_addr_rows, CONV_ADDR_ROWS }, { conv_forwarded_rows, CONV_FORWARDED_ROWS },
		{ conv_date_rows, CONV_DATE_ROWS }, { conv_protobuf_rows, CONV_PROTOBUF_ROWS },
		{ conv_mqtt_rows, CONV_MQTT_ROWS }, { conv_fix_rows, CONV_FIX_ROWS },
		{ conv_packet_rows, CONV_PACKET_ROWS },
		{ NULL, 0 },
	};
	static const struct expr_tables tables = { fetches, convs, NULL };
	static struct arena mem;
	struct xscope sc = { .mem = &mem, .file = "fuzz", .use = ~0U, .where = "fuzz" };
	struct load_err err;

	arena_init(&mem, 4096);
	expr_set_tables(&tables);
	for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
		struct str text = arena_printf(&mem, "var(txn.v),%s", chains[i]);

		compiled[i] = expr_compile(&sc, text, NULL, &err);
		WASSERT(compiled[i]);
	}
}

static void set_input(struct xctx *x, struct str value)
{
	struct arena tmp;
	struct var_ref ref;
	struct load_err err;
	struct sample s = { .type = value.n & 1 ? SMP_BIN : SMP_STR, .s = value };

	arena_init(&tmp, 256);
	WASSERT(var_ref_parse(&tmp, STR("txn.v"), &ref, &err));
	WASSERT(var_set(&ref, &s, 0, x));
	arena_fini(&tmp);
}

/* Touches every byte of the result. */
static void check(const struct sample *s)
{
	unsigned sum = 0;

	if (s->type == SMP_STR || s->type == SMP_BIN)
		for (size_t i = 0; i < s->s.n; i++)
			sum += (unsigned char)s->s.p[i];
	WASSERT(s->type < SMP_TYPES && sum < UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena mem;
	struct vars txn;
	struct xctx x = { .mem = &mem, .final = true };
	struct sample out;

	if (!compiled[0])
		compile_all();
	if (size == 0 || size > 8192)
		return 0;
	arena_init(&mem, 4096);
	vars_init(&txn, VAR_TXN, NULL);
	x.vars[VAR_TXN] = &txn;
	set_input(&x, str_make((const char *)data + 1, size - 1));
	if (expr_eval(compiled[data[0] % ARRAY_LEN(chains)], &out, &x))
		check(&out);
	vars_fini(&txn);
	arena_fini(&mem);
	return 0;
}
