#include "weir/sys/names.h"

#include <netdb.h>

bool names_look_up(struct str host, int family, struct addr *out)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *found;
	char name[NI_MAXHOST];
	bool ok = false;

	if (!host.n || host.n >= sizeof(name) || memchr(host.p, 0, host.n))
		return false;
	if (getaddrinfo(str_z(host, name, sizeof(name)), NULL, &hints, &found) != 0)
		return false;
	for (struct addrinfo *i = found; i && !ok; i = i->ai_next) {
		ok = (i->ai_family == AF_INET || i->ai_family == AF_INET6) &&
		     i->ai_addrlen <= sizeof(struct sockaddr_in6);
		if (ok) {
			memset(out, 0, sizeof(*out));
			memcpy(&out->sa, i->ai_addr, i->ai_addrlen);
			out->len = i->ai_addrlen;
		}
	}
	freeaddrinfo(found);
	return ok;
}
