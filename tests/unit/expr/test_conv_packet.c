/* Converters of packets: a SYN over Ethernet with a VLAN tag, IPv4 with options and IPv6 with extensions, cut ones. */
#include "tests/unit/expr/conv_test.h"

#define ETH "020000000001020000000002"
#define VLAN "81000064"
#define IP4 "4510003c1c464000400600007f0000017f000002"
/* MSS 1460, SACK, times, NOP, window scale 7 */
#define SYN "c0de1f900102030400000000" "a002" "fff0" "00000000" "020405b4" "0402" \
	"080a" "00001234" "00000000" "01" "030307"

static const struct conv_case ethernet[] = {
	{ "bin(" ETH "0800" IP4 "),eth.proto", "2048" },
	{ "bin(" ETH "0800" IP4 "),eth.dst,hex", "020000000001" },
	{ "bin(" ETH "0800" IP4 "),eth.src,hex", "020000000002" },
	{ "bin(" ETH "0800" IP4 "),eth.hdr,hex", "0200000000010200000000020800" },
	{ "bin(" ETH "0800" IP4 "),eth.vlan", "<none>" },
	{ "bin(" ETH "0800" IP4 "),eth.data,ip.ttl", "64" },
	{ "bin(" ETH VLAN "0800" IP4 "),eth.vlan", "100" },
	{ "bin(" ETH VLAN "0800" IP4 "),eth.proto", "2048" },
	{ "bin(" ETH VLAN "0800" IP4 "),eth.hdr,hex", "020000000001020000000002810000640800" },
	{ "bin(" ETH VLAN "0800" IP4 "),eth.data,ip.ver", "4" },
	{ "bin(" ETH "88a80001" VLAN "86dd),eth.vlan", "100" },
	{ "bin(" ETH "),eth.proto", "<none>" },
	{ "bin(" ETH VLAN "),eth.proto", "<none>" },
	{ "str(),eth.dst", "<none>" },
	{ "int(5),eth.dst", "<none>" },
	{ "bool(1),eth.dst", "<none>" },
};

START_TEST(reads_ethernet)
{
	RUN_CASES(ethernet);
}
END_TEST

#define IP6 "60500000002c0640" "20010db8000000000000000000000001" "20010db8000000000000000000000002"
#define IP6_EXT "60000000" "0038" "00" "40" "20010db8000000000000000000000001" "20010db8000000000000000000000002" \
	"3c00010400000000" "2c00010400000000" "0600000000000001"

static const struct conv_case ip[] = {
	{ "bin(" IP4 "),ip.ver", "4" },
	{ "bin(" IP4 "),ip.tos", "16" },
	{ "bin(" IP4 "),ip.ttl", "64" },
	{ "bin(" IP4 "),ip.df", "1" },
	{ "bin(4500003c1c460000400600007f0000017f000002),ip.df", "0" },
	{ "bin(" IP4 "),ip.proto", "6" },
	{ "bin(" IP4 "),ip.src", "127.0.0.1" },
	{ "bin(" IP4 "),ip.dst", "127.0.0.2" },
	{ "bin(" IP4 "00),ip.hdr,hex", "4510003C1C464000400600007F0000017F000002" },
	{ "bin(" IP4 "aabb),ip.data,hex", "AABB" },
	{ "bin(4600003c1c464000400600007f0000017f00000201010100aabb),ip.data,hex", "AABB" },
	{ "bin(4600003c1c464000400600007f0000017f000002),ip.data", "<none>" },
	{ "bin(4400003c1c464000400600007f0000017f000002),ip.ttl", "<none>" },
	{ "bin(4500003c1c464000400600007f0000017f0000),ip.ver", "<none>" },
	{ "bin(" IP6 "),ip.ver", "6" },
	{ "bin(" IP6 "),ip.tos", "5" },
	{ "bin(" IP6 "),ip.ttl", "64" },
	{ "bin(" IP6 "),ip.df", "1" },
	{ "bin(" IP6 "),ip.proto", "6" },
	{ "bin(" IP6 "),ip.src", "2001:db8::1" },
	{ "bin(" IP6 "),ip.dst", "2001:db8::2" },
	{ "bin(" IP6 "aabb),ip.data,hex", "AABB" },
	{ "bin(" IP6_EXT "aabb),ip.proto", "6" },
	{ "bin(" IP6_EXT "aabb),ip.hdr,bytes(60),hex", "00000001" },
	{ "bin(" IP6_EXT "aabb),ip.data,hex", "AABB" },
	{ "bin(60000000000800402001,hex),ip.ver", "ERR" },
	{ "bin(600000000008004020010db800000000000000000000000120010db8000000000000000000000002" "06ff),ip.ver",
	  "<none>" },
	{ "bin(600000000008004020010db800000000000000000000000120010db8000000000000000000000002"
	  "06ff010400000000),ip.ver", "<none>" },
	{ "str(),ip.ver", "<none>" },
	{ "bin(7500),ip.ver", "<none>" },
	{ "str(text),ip.ver", "<none>" },
};

START_TEST(reads_ip)
{
	RUN_CASES(ip);
}
END_TEST

static const struct conv_case tcp[] = {
	{ "bin(" SYN "),tcp.src", "49374" },
	{ "bin(" SYN "),tcp.dst", "8080" },
	{ "bin(" SYN "),tcp.seq", "16909060" },
	{ "bin(" SYN "),tcp.flags", "2" },
	{ "bin(" SYN "),tcp.win", "65520" },
	{ "bin(" SYN "),tcp.options.mss", "1460" },
	{ "bin(" SYN "),tcp.options.sack", "1" },
	{ "bin(" SYN "),tcp.options.tsopt", "1" },
	{ "bin(" SYN "),tcp.options.tsval", "4660" },
	{ "bin(" SYN "),tcp.options.wscale", "7" },
	{ "bin(" SYN "),tcp.options.wsopt", "1" },
	{ "bin(" SYN "),tcp.options_list,hex", "0204080103" },
	{ "bin(" IP4 SYN "),ip.data,tcp.options.wscale", "7" },
	/* none at all, an end in front, one that claims too much */
	{ "bin(c0de1f9001020304000000005002fff000000000),tcp.options.mss", "0" },
	{ "bin(c0de1f9001020304000000005002fff000000000),tcp.options.sack", "0" },
	{ "bin(c0de1f9001020304000000005002fff000000000),tcp.options_list", "" },
	{ "bin(c0de1f9001020304000000007002fff00000000000020405b4000000),tcp.options.mss", "0" },
	{ "bin(c0de1f9001020304000000007002fff00000000000020405b4000000),tcp.options_list,hex", "00" },
	{ "bin(c0de1f9001020304000000007002fff0000000000102ff05b4000000),tcp.options.mss", "0" },
	{ "bin(c0de1f9001020304000000007002fff00000000001020305b4000000),tcp.options.mss", "0" },
	{ "bin(c0de1f9001020304000000006002fff000000000010102),tcp.options.mss", "<none>" },
	{ "bin(c0de1f9001020304000000004002fff000000000),tcp.src", "<none>" },
	{ "bin(c0de1f90),tcp.src", "<none>" },
	{ "str(),tcp.src", "<none>" },
};

START_TEST(reads_tcp)
{
	RUN_CASES(tcp);
}
END_TEST

static const struct conv_case fingerprints[] = {
	/* TOS 16; DF, hop limit up to 64; 40 bytes of header and window scale 7; window; MSS */
	{ "bin(" IP4 SYN "),ip.fp,hex", "1050A8FFF005B4" },
	{ "bin(" IP4 SYN "),ip.fp(0),hex", "1050A8FFF005B4" },
	{ "bin(" IP4 SYN "),ip.fp(1),hex", "1050A8FFF005B440" },
	{ "bin(" IP4 SYN "),ip.fp(2),hex", "1050A8FFF005B40204080103" },
	{ "bin(" IP4 SYN "),ip.fp(4),hex", "1050A8FFF005B47F000001" },
	{ "bin(" IP4 SYN "),ip.fp(7),hex", "1050A8FFF005B44002040801037F000001" },
	{ "bin(" IP6 SYN "),ip.fp(4),hex", "05D4A8FFF005B420010DB8000000000000000000000001" },
	/* no options, data behind, CWR and ECE, hop limits */
	{ "bin(450000291c460000010600007f0000017f000002" "c0de1f90010203040000000050c2000100000000" "ff),ip.fp,hex",
	  "00075000010000" },
	{ "bin(450000281c460000ff0600007f0000017f000002" "c0de1f900102030400000000" "5002000100000000" "),ip.fp,hex",
	  "00305000010000" },
	/* cut, nothing, text */
	{ "bin(" IP4 "),ip.fp", "<none>" },
	{ "bin(" IP4 "c0de1f90),ip.fp", "<none>" },
	{ "str(),ip.fp", "<none>" },
	{ "str(text),ip.fp", "<none>" },
	{ "int(5),ip.fp", "<none>" },
};

START_TEST(takes_fingerprints)
{
	RUN_CASES(fingerprints);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_packet");

	UNIT_TEST(s, reads_ethernet);
	UNIT_TEST(s, reads_ip);
	UNIT_TEST(s, reads_tcp);
	UNIT_TEST(s, takes_fingerprints);
	return unit_run(s);
}
