/* The first byte chooses what the place allows, the rest is a list of addresses. */
#include <stdint.h>
#include "weir/base/obj.h"
#include "weir/net/addr_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_good(const struct addr_conf *c, struct str one, unsigned flags)
{
	char buf[ADDR_TEXT_MAX];

	WASSERT(c->port_low <= c->port_high);
	WASSERT(!(flags & AC_PORT_NEEDED) || c->port_low || c->fd >= 0 || addr_family(&c->addr) == AF_UNIX || c->rhttp);
	WASSERT(c->host.n == 0 || (c->host.p >= one.p && c->host.p + c->host.n <= one.p + one.n));
	WASSERT(addr_text(&c->addr, buf).n < sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned places[] = {
		AC_BIND & ~(unsigned)AC_LOOK_UP, AC_SERVER, AC_SOURCE & ~(unsigned)AC_LOOK_UP,
		AC_PORT | AC_DGRAM | AC_STREAM | AC_DGRAM_DEFAULT | AC_RHTTP,
	};
	struct str list, one;
	unsigned flags;

	if (!size)
		return 0;
	flags = places[data[0] % ARRAY_LEN(places)];
	list = str_make((const char *)data + 1, size - 1);
	while (addr_conf_next(&list, &one)) {
		struct addr_fault fault;
		struct addr_conf c;

		if (addr_conf_parse(&c, one, flags, STR("/run"), &fault))
			check_good(&c, one, flags);
		else
			WASSERT(fault.text[0] && fault.at >= one.p && fault.at <= one.p + one.n);
	}
	return 0;
}
