"""Cases of dev/compare-sockets. {p1} ... {p6} are free ports, {origin} is the server's port, {unix} its unix socket,
{dir} a directory for this run."""

CONFIG = """
global
  nbthread 1
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 2s
  maxconn 77
listen mark
  bind {dir}/mark
  monitor-uri /
"""
# Facts that say nothing about a word, as regular expressions.
COMMON = [
    r"(accepted|listening) TCP_NODELAY=1",                  # set once on the listener by weir, inherited
    r"listening (TCP_DEFER_ACCEPT|TCP_USER_TIMEOUT)=0|listening SO_LINGER=.l_onoff=0.*",    # the defaults
    r"outgoing SO_LINGER=.l_onoff=1, l_linger=0.",          # at the close of a connection that has ended
]
LATE = "without a port it says nothing"
INHERIT = "set on the listening socket, inherited"
# name of the case ("*": all) -> (fact, why it differs)
DIFFERS = {
    "*": [
        (r"outgoing (SO_REUSEADDR|IP_BIND_ADDRESS_NO_PORT)=1", LATE),
        (r"listening TCP_QUICKACK=[01]", "a default"),
        (r"(accepted|listening) (SO_KEEPALIVE=1|TCP_KEEP\w+=\d+|SO_(RCV|SND)BUF=\d+|SO_LINGER=.l_onoff=1.*)", INHERIT),
        (r'\w+ SO_BINDTODEVICE="lo(\\0)?"', "the same name"),
        (r"outgoing bind 127.0.0.3:202\d\d", "weir begins anywhere in the range"),
    ],
    "bind-process": [(r".*", "gone since 2.7")],
    "server-namespace-star": [(r".*", "refused by name")],
    "bind-smart-connect": [(r"outgoing TCP_QUICKACK=0", "2.6 does it for TCP mode only")],
    "server-smart-connect": [(r"outgoing TCP_QUICKACK=0", "2.6 does it for TCP mode only")],
    "server-tfo": [(r"outgoing TCP_FASTOPEN_CONNECT=1", "2.6 of Debian does not try")],
    "server-tfo-tcp": [(r"outgoing TCP_FASTOPEN_CONNECT=1", "2.6 of Debian does not try")],
    "server-tfo-retry": [(r"outgoing TCP_FASTOPEN_CONNECT=1", "2.6 of Debian does not try")],
    "server-default-server": [(r"outgoing TCP_USER_TIMEOUT=3000", "2.6 forgets tcp-ut of default-server lines")],
}
CASES = {}


def bind(name, words, address="127.0.0.1:{p1}", server="127.0.0.1:{origin}", lines="", **more):
    CASES["bind-" + name] = {"conf": f"listen l\n  bind {address} {words}\n{lines}  server s {server}\n", **more}


def server(name, words, address="127.0.0.1:{origin}", lines="", **more):
    CASES["server-" + name] = {"conf": f"listen l\n  bind 127.0.0.1:{{p1}}\n{lines}  server s {address} {words}\n", **more}


# --- addresses of bind lines
bind("plain", "")
bind("star", "", "*:{p1}")
bind("colon", "", ":{p1}")
bind("zero", "", "0.0.0.0:{p1}")
bind("v6-any", "", ":::{p1}", ask=["http {p1}", "url http://[::1]:{p1}/"])
bind("v6-brackets", "", "[::]:{p1}", ask=["http {p1}", "url http://[::1]:{p1}/"])
bind("v6-one", "", "[::1]:{p1}", ask=["url http://[::1]:{p1}/"])
bind("ipv4-at", "", "ipv4@127.0.0.1:{p1}")
bind("ipv4-at-star", "", "ipv4@*:{p1}")
bind("ipv4-at-colon", "", "ipv4@:{p1}")
bind("ipv6-at", "", "ipv6@::1:{p1}", ask=["url http://[::1]:{p1}/"])
bind("ipv6-at-colon", "", "ipv6@:{p1}", ask=["http {p1}", "url http://[::1]:{p1}/"])
bind("tcp-at", "", "tcp@127.0.0.1:{p1}")
bind("tcp4-at", "", "tcp4@127.0.0.1:{p1}")
bind("tcp6-at", "", "tcp6@[::1]:{p1}", ask=["url http://[::1]:{p1}/"])
bind("stream-at", "", "stream+ipv4@127.0.0.1:{p1}")
bind("host-name", "", "localhost:{p1}")
bind("list", "", "127.0.0.1:{p1},127.0.0.2:{p2}", ask=["http {p1}", "url http://127.0.0.2:{p2}/"])
bind("range", "", "127.0.0.1:20101-20103", ask=["http 20101", "http 20102", "http 20103"])
bind("unix", "", "{dir}/u", ask=["unix {dir}/u", "stat {dir}/u"])
bind("unix-at", "", "unix@{dir}/u", ask=["unix {dir}/u", "stat {dir}/u"])
bind("unix-mode", "mode 600", "{dir}/u", ask=["unix {dir}/u", "stat {dir}/u"])
bind("unix-mode-4", "mode 0660", "unix@{dir}/u", ask=["stat {dir}/u"])
bind("unix-user", "user nobody group nogroup mode 640", "{dir}/u", ask=["stat {dir}/u"])
bind("unix-uid", "uid 33 gid 33", "{dir}/u", ask=["stat {dir}/u"])
bind("unix-backlog", "backlog 9", "{dir}/u", ask=["unix {dir}/u"])
bind("unix-proxy", "accept-proxy", "{dir}/u", ask=["url --haproxy-protocol --unix-socket {dir}/u http://u/"])
bind("abns", "", "abns@weir-compare-{p1}", ask=["abstract weir-compare-{p1}"])
bind("fd", "", "fd@${INHERITED}", fds=["p1"])
bind("fd-words", "backlog 12 defer-accept maxconn 4", "fd@${INHERITED}", fds=["p1"])
CASES["bind-unix-prefix"] = {"conf": "global\n  unix-bind prefix {dir}/ mode 777 user nobody\n"
                             "listen l\n  bind unix@pre\n  server s 127.0.0.1:{origin}\n",
                             "ask": ["unix {dir}/pre", "stat {dir}/pre"]}
# --- words of bind lines
bind("name", "name here id 12")
bind("backlog", "backlog 33")
bind("maxconn", "maxconn 21")
bind("backlog-maxconn", "backlog 33 maxconn 21")
bind("backlog-proxy", "", lines="  backlog 44\n")
bind("backlog-frontend-maxconn", "", lines="  maxconn 55\n")
bind("interface", "interface lo")
bind("defer-accept", "defer-accept")
bind("tfo", "tfo")
bind("tfo-backlog", "tfo backlog 20")
bind("transparent", "transparent")
bind("transparent-v6", "transparent", "[::1]:{p1}", ask=["url http://[::1]:{p1}/"])
bind("v4v6", "v4v6", ":::{p1}", ask=["http {p1}", "url http://[::1]:{p1}/"])
bind("v6only", "v6only", ":::{p1}", ask=["http {p1}", "url http://[::1]:{p1}/"])
bind("mss", "mss 1200")
bind("mss-negative", "mss -200")
bind("tcp-ut", "tcp-ut 30s")
bind("tcp-ut-ms", "tcp-ut 1500")
bind("nice", "nice 12")
bind("thread", "thread 1")
bind("process", "process 1/1")
bind("shards-1", "shards 1")
bind("shards-2", "shards 2")
bind("shards-by-thread", "shards by-thread")
bind("accept-proxy", "accept-proxy", ask=["url --haproxy-protocol http://127.0.0.1:{p1}/"])
bind("namespace", "namespace weircmp", ask=["url http://127.0.0.1:{p1}/ weircmp"])
CASES["bind-noreuseport"] = {"conf": "global\n  noreuseport\nlisten l\n  bind 127.0.0.1:{p1}\n"
                             "  server s 127.0.0.1:{origin}\n"}
bind("tcpka", "", lines="  option tcpka\n")
bind("clitcpka", "", lines="  option clitcpka\n  clitcpka-idle 10s\n  clitcpka-intvl 5s\n  clitcpka-cnt 3\n")
bind("srvtcpka", "", lines="  option srvtcpka\n  srvtcpka-idle 10s\n  srvtcpka-intvl 5s\n  srvtcpka-cnt 3\n")
bind("http-no-delay", "", lines="  option http-no-delay\n")
bind("smart-accept", "", lines="  option tcp-smart-accept\n")
bind("no-smart-accept", "", lines="  no option tcp-smart-accept\n")
bind("smart-connect", "", lines="  option tcp-smart-connect\n")
bind("nolinger", "", lines="  option nolinger\n")
bind("nolinger-tcp", "", lines="  mode tcp\n  option nolinger\n")
CASES["bind-buffers"] = {"conf": "global\n  tune.rcvbuf.client 20000\n  tune.sndbuf.client 30000\n"
                         "  tune.rcvbuf.server 40000\n  tune.sndbuf.server 50000\nlisten m\n  bind 127.0.0.1:{p1}\n"
                         "  server s 127.0.0.1:{origin}\n"}
bind("marks", "", lines="  tcp-request connection set-mark 7\n  tcp-request connection set-tos 32\n")
# --- server lines
server("plain", "")
server("unix", "", "{unix}")
server("unix-at", "", "unix@{unix}")
server("ipv6", "", "[::1]:{origin}")
server("ipv6-at", "", "ipv6@::1:{origin}")
server("localhost", "", "localhost:{origin}")
server("send-proxy", "send-proxy")
server("send-proxy-v2", "send-proxy-v2")
server("send-proxy-v2-ssl", "send-proxy-v2-ssl")
server("send-proxy-v2-ssl-cn", "send-proxy-v2-ssl-cn")
server("send-proxy-v2-crc", "send-proxy-v2 proxy-v2-options crc32c")
server("send-proxy-v2-uid", "send-proxy-v2 proxy-v2-options unique-id", lines="  unique-id-format id%[int(3)]\n")
server("send-proxy-unix", "send-proxy", "{unix}")
server("source", "source 127.0.0.3")
server("source-port", "source 127.0.0.3:{p3}")
server("source-range", "source 127.0.0.3:20200-20210")
server("source-any-interface", "source 0.0.0.0 interface lo")
server("source-proxy", "", lines="  source 127.0.0.4\n")
server("source-proxy-interface", "", lines="  source 127.0.0.4 interface lo\n")
server("usesrc-address", "source 127.0.0.3 usesrc 127.0.0.5")
server("usesrc-address-port", "source 127.0.0.3 usesrc 127.0.0.5:{p4}")
server("usesrc-clientip", "source 127.0.0.3 usesrc clientip")
server("usesrc-client", "source 127.0.0.3 usesrc client")
server("usesrc-hdr", "source 127.0.0.3 usesrc hdr_ip(x-from)",
       ask=["url -H x-from:127.0.0.9 http://127.0.0.1:{p1}/", "url http://127.0.0.1:{p1}/"])
server("usesrc-hdr-1", "source 127.0.0.3 usesrc hdr_ip(x-from,1)",
       ask=["url -H x-from:127.0.0.9,127.0.0.8 http://127.0.0.1:{p1}/"])
server("tcp-ut", "tcp-ut 4s")
server("tfo", "tfo")
server("tfo-tcp", "tfo", lines="  mode tcp\n  retry-on conn-failure empty-response response-timeout\n")
server("tfo-retry", "tfo", lines="  retry-on conn-failure empty-response response-timeout\n")
server("namespace", "namespace weircmp", "127.0.0.1:{p5}", lines="  retries 0\n")
server("namespace-star", "namespace *")
server("socks4", "socks4 127.0.0.1:{origin}", "127.0.0.1:{p5}")
server("default-server", "", lines="  default-server source 127.0.0.6 tcp-ut 3s\n")
server("smart-connect", "", lines="  option tcp-smart-connect\n")
server("marks", "", lines="  http-request set-mark 9\n  http-request set-tos 16\n")
server("nolinger", "", lines="  option nolinger\n")
CASES["server-template"] = {"conf": "listen l\n  bind 127.0.0.1:{p1}\n  server-template t 2 127.0.0.1:{origin} source "
                            "127.0.0.7\n", "ask": ["http {p1}", "http {p1}"]}
CASES["server-plus-port"] = {"conf": "frontend l\n  bind 127.0.0.1:{p1}\n  use_backend b\nbackend b\n"
                             "  http-request set-dst-port int({origin})\n  server s 127.0.0.1:+0\n"}
CASES["server-minus-port"] = {"conf": "frontend l\n  bind 127.0.0.1:{p1}\n  use_backend b\nbackend b\n"
                              "  http-request set-dst-port int({origin}),add(5)\n  server s 127.0.0.1:-5\n"}
