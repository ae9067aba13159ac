/* Keywords about sockets. The rows of bind see k->obj as struct bind_net, those of servers as struct server_net, the
 * proxy's `source` as struct source_net: the tables are listed with the offset of that struct in the object above. */
#ifndef WEIR_NET_CONF_NET_H
#define WEIR_NET_CONF_NET_H

#include "weir/conf/kw.h"
#include "weir/net/addr_conf.h"
#include "weir/net/listener.h"
#include "weir/net/server_net.h"

#define NET_BIND_KWS 27
extern const struct kw net_bind_kws[NET_BIND_KWS];	/* scope KW_BIND */
#define NET_SERVER_KWS 20
extern const struct kw net_server_kws[NET_SERVER_KWS];	/* scopes KW_SERVER, KW_DYNSRV */
#define NET_SOURCE_KWS 1
extern const struct kw net_source_kws[NET_SOURCE_KWS];	/* scope KW_BE */

/* Nothing said: what a bind line begins with. */
void bind_net_init(struct bind_net *n);
/* Every address of a bind line's word (comma list, port ranges): each is called once per socket address with a copy of
 * `base` that has addr, fd and text filled in. name: the directive as messages quote it ("bind", "stats socket").
 * False: at least one was wrong (reported) or each said so. each NULL: the addresses are only looked at. */
typedef bool (*bind_net_each_f)(const struct bind_net *n, void *arg);
bool bind_net_addresses(struct kw_call *k, int word, const char *name, const struct bind_net *base,
			struct str unix_prefix, unsigned flags, bind_net_each_f each, void *arg);
/* An address argument at k->at; problems are reported as "'<kw> <word>' : ..." behind `name`. */
bool kw_address(struct kw_call *k, const char *what, unsigned flags, struct addr_conf *out);

#endif
