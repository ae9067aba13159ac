/* All rows of this floor, for tests that use the whole language. */
#ifndef TESTS_EXPR_ALL_ROWS_H
#define TESTS_EXPR_ALL_ROWS_H

#include "tests/unit/expr/expr_test.h"
#include "weir/expr/conv.h"

static const struct fetch_table all_fetches[] = {
	{ fetch_auth_rows, FETCH_AUTH_ROWS },
	{ fetch_cook_rows, FETCH_COOK_ROWS },
	{ fetch_hdr_rows, FETCH_HDR_ROWS },
	{ fetch_head_rows, FETCH_HEAD_ROWS },
	{ fetch_intern_rows, FETCH_INTERN_ROWS },
	{ fetch_param_rows, FETCH_PARAM_ROWS },
	{ fetch_payload_rows, FETCH_PAYLOAD_ROWS },
	{ fetch_hello_rows, FETCH_HELLO_ROWS },
	{ NULL, 0 },
};
static const struct conv_table all_convs[] = {
	{ conv_int_rows, CONV_INT_ROWS }, { conv_text_rows, CONV_TEXT_ROWS }, { conv_field_rows, CONV_FIELD_ROWS },
	{ conv_bytes_rows, CONV_BYTES_ROWS }, { conv_enc_rows, CONV_ENC_ROWS }, { conv_hash_rows, CONV_HASH_ROWS },
	{ conv_addr_rows, CONV_ADDR_ROWS }, { conv_date_rows, CONV_DATE_ROWS }, { conv_map_rows, CONV_MAP_ROWS },
	{ conv_var_rows, CONV_VAR_ROWS }, { conv_crypto_rows, CONV_CRYPTO_ROWS },
	{ conv_x509_rows, CONV_X509_ROWS }, { conv_forwarded_rows, CONV_FORWARDED_ROWS },
	{ conv_protobuf_rows, CONV_PROTOBUF_ROWS }, { conv_mqtt_rows, CONV_MQTT_ROWS },
	{ conv_fix_rows, CONV_FIX_ROWS },
	{ conv_packet_rows, CONV_PACKET_ROWS }, { conv_debug_rows, CONV_DEBUG_ROWS }, { NULL, 0 },
};
static const struct action_table all_actions[] = {
	{ act_map_rows, ACT_MAP_ROWS }, { act_msg_rows, ACT_MSG_ROWS },
	{ act_bin_rows, ACT_BIN_ROWS }, { act_uri_rows, ACT_URI_ROWS },
	{ act_var_rows, ACT_VAR_ROWS }, { NULL, 0 },
};
static const struct expr_tables all_rows = { all_fetches, all_convs, all_actions };

void world_tables(void)
{
	expr_set_tables(&all_rows);
}

#endif
