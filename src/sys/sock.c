#include "weir/sys/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter_ipv4.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <unistd.h>
#include "weir/base/obj.h"
#include "weir/sys/netns.h"

int sock_open(int family, int type, struct str ns)
{
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	if (ns.n)
		return netns_socket(ns, family, type | flags);
	return socket(family, type | flags, 0);
}

bool sock_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

bool sock_reuse_addr(int fd)
{
	return sock_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

bool sock_reuse_port(int fd)
{
	return sock_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

bool sock_v6only(int fd, bool on)
{
	return sock_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, on);
}

bool sock_nodelay(int fd)
{
	return sock_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool sock_keepalive(int fd)
{
	return sock_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

bool sock_keepalive_times(int fd, unsigned idle, unsigned intvl, unsigned cnt)
{
	return (!idle || sock_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, (int)idle)) &&
	       (!intvl || sock_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, (int)intvl)) &&
	       (!cnt || sock_int(fd, IPPROTO_TCP, TCP_KEEPCNT, (int)cnt));
}

bool sock_interface(int fd, struct str name)
{
	if (name.n >= IFNAMSIZ) {
		errno = ENODEV;
		return false;
	}
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.p, name.n) == 0;
}

bool sock_transparent(int fd, int family)
{
	if (family == AF_INET6)
		return sock_int(fd, SOL_IPV6, IPV6_TRANSPARENT, 1) ||
		       sock_int(fd, SOL_IP, IP_FREEBIND, 1);
	return sock_int(fd, SOL_IP, IP_TRANSPARENT, 1) || sock_int(fd, SOL_IP, IP_FREEBIND, 1);
}

bool sock_tfo_listen(int fd, int queue)
{
	return sock_int(fd, IPPROTO_TCP, TCP_FASTOPEN, queue);
}

bool sock_tfo_connect(int fd)
{
	return sock_int(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
}

bool sock_defer_accept(int fd, int seconds)
{
	return sock_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, seconds);
}

bool sock_user_timeout(int fd, unsigned ms)
{
	return sock_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ms > INT_MAX ? INT_MAX : (int)ms);
}

bool sock_save_syn(int fd, int mode)
{
	return sock_int(fd, IPPROTO_TCP, TCP_SAVE_SYN, mode);
}

size_t sock_saved_syn(int fd, void *buf, size_t max)
{
	socklen_t n = (socklen_t)max;

	return getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, buf, &n) == 0 ? n : 0;
}

bool sock_mss(int fd, int mss)
{
	return sock_int(fd, IPPROTO_TCP, TCP_MAXSEG, mss);
}

bool sock_mss_less(int fd, int by)
{
	int mss;
	socklen_t n = sizeof(mss);

	return getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &n) == 0 && sock_mss(fd, mss - by);
}

bool sock_congestion(int fd, struct str algorithm)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, algorithm.p, (socklen_t)algorithm.n) == 0;
}

bool sock_md5sig(int fd, const struct addr *peer, struct str key)
{
	struct tcp_md5sig sig = { .tcpm_keylen = (unsigned short)key.n };
	int option = TCP_MD5SIG;

	if (key.n > TCP_MD5SIG_MAXKEYLEN) {
		errno = EINVAL;
		return false;
	}
	memcpy(&sig.tcpm_addr, &peer->sa, MIN(peer->len, sizeof(sig.tcpm_addr)));
	memcpy(sig.tcpm_key, key.p, key.n);
	if (addr_is_any(peer)) {
		sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		option = TCP_MD5SIG_EXT;
	}
	return setsockopt(fd, IPPROTO_TCP, option, &sig, sizeof(sig)) == 0;
}

bool sock_mark(int fd, unsigned mark)
{
	return sock_int(fd, SOL_SOCKET, SO_MARK, (int)mark);
}

bool sock_tos(int fd, int family, int tos)
{
	if (family == AF_INET6)
		return sock_int(fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
	return sock_int(fd, IPPROTO_IP, IP_TOS, tos);
}

bool sock_quickack(int fd, bool on)
{
	return sock_int(fd, IPPROTO_TCP, TCP_QUICKACK, on);
}

bool sock_buffers(int fd, int rcvbuf, int sndbuf)
{
	return (!rcvbuf || sock_int(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf)) &&
	       (!sndbuf || sock_int(fd, SOL_SOCKET, SO_SNDBUF, sndbuf));
}

bool sock_notsent_lowat(int fd, unsigned bytes)
{
	return sock_int(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, (int)bytes);
}

bool sock_bind_late_port(int fd)
{
	return sock_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
}

bool sock_reset_on_close(int fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0;
}

bool sock_mute(int fd)
{
	sock_quickack(fd, true);	/* what was received is not sent again */
	return sock_int(fd, IPPROTO_TCP, TCP_REPAIR, 1);
}

void sock_reset_nearby(int fd, int ttl)
{
	if (!sock_int(fd, IPPROTO_IP, IP_TTL, ttl))
		sock_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
	sock_reset_on_close(fd);
}

static int get_int(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value : -1;
}

int sock_error(int fd)
{
	int e = get_int(fd, SO_ERROR);

	return e < 0 ? errno : e;
}

bool sock_is_listening(int fd)
{
	return get_int(fd, SO_ACCEPTCONN) == 1;
}

bool sock_type(int fd, int *family, int *type)
{
	*family = get_int(fd, SO_DOMAIN);
	*type = get_int(fd, SO_TYPE);
	return *family >= 0 && *type >= 0;
}

/* A unix socket without a name reports only its family. */
static bool keep(struct addr *out, int ret, socklen_t len)
{
	out->len = ret == 0 ? MIN(len, (socklen_t)sizeof(out->un)) : 0;
	return ret == 0;
}

bool sock_name(int fd, struct addr *out)
{
	socklen_t len = sizeof(out->un);

	memset(out, 0, sizeof(*out));
	return keep(out, getsockname(fd, &out->sa, &len), len);
}

bool sock_peer(int fd, struct addr *out)
{
	socklen_t len = sizeof(out->un);

	memset(out, 0, sizeof(*out));
	return keep(out, getpeername(fd, &out->sa, &len), len);
}

bool sock_original_dst(int fd, struct addr *out)
{
	socklen_t len = sizeof(out->un);
	bool v6;

	if (!sock_name(fd, out))
		return false;
	v6 = addr_family(out) == AF_INET6;
	if (!v6 && addr_family(out) != AF_INET)
		return true;
	/* IP6T_SO_ORIGINAL_DST has the same number */
	if (getsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, SO_ORIGINAL_DST, &out->sa, &len) == 0)
		out->len = len;
	return true;
}

bool sock_has_nat(int fd)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	return getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, &in, &len) == 0 || errno != ENOPROTOOPT;
}

bool sock_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL), own = fcntl(fd, F_GETFD);

	if (flags < 0 || own < 0)
		return false;
	return ((flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0) &&
	       ((own & FD_CLOEXEC) || fcntl(fd, F_SETFD, own | FD_CLOEXEC) == 0);
}

bool sock_has_bytes(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}
