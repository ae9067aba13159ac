"""The cells: what is sent, through what kind of proxy, and what is counted."""

import dataclasses

MIB = 1 << 20
BROWSER = "\r\n".join([
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.7",
    "Accept-Encoding: gzip, deflate, br",
    "Referer: https://www.example.com/a/page/from/which/somebody/came.html",
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; seen=1,2,3,5,8,13,21,34,55,89,144,233",
    "Cache-Control: max-age=0",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-User: ?1",
]) + "\r\n"


@dataclasses.dataclass(frozen=True)
class Cell:
    name: str
    what: str
    load: tuple = ()              # arguments of bench_load
    shape: str = "http"           # which configuration: see configs.py
    front: str = "h1"             # h1 h2
    back: str = "h1"
    tls: str = ""                 # "" ec rsa
    kind: str = "cpu"             # cpu, idle, config, start: see measure.py
    threads: int = 1
    pinned: bool = True
    servers: int = 1
    peers: tuple = ("haproxy", "nginx", "h2o", "nghttpx")
    target: float = 0             # of weir to haproxy, from the requirements

    @property
    def framed(self):
        """Can the bare relay (tests/tools/bench_relay.c) do it?"""
        plain = self.front == self.back == "h1" and not self.tls and "-b" not in self.load
        return plain and self.kind == "cpu" and self.shape in ("http", "default", "servers", "tcp")


def body(size):
    return ("-p", f"/{size}", "-s", str(size))


FEW = ("-c", "4")
NO_NGINX = ("haproxy", "nghttpx")
RELAYS = ("haproxy", "nginx")


def _h1():
    big = FEW + body(10 * MIB)
    yield Cell("h1_small", "100 B, keep-alive on both sides, 64 connections", target=12.2 / 13.8)
    yield Cell("h1_browser", "13 fields of a browser", ("-F", BROWSER), target=13.2 / 15.2)
    yield Cell("h1_log", "one UDP log line per request", shape="log", peers=RELAYS, target=15.5 / 18.9)
    yield Cell("h1_close", "the client closes each time, server connections shared", ("-C",), target=33 / 40.7)
    yield Cell("h1_close_dflt", "the same, nothing said about reuse", ("-C",), shape="default", target=34 / 66.2)
    yield Cell("h1_64k", "64 KiB answers", body(65536), target=30 / 32.3)
    yield Cell("h1_10m", "10 MiB answers, copied", big, target=3300 / 6501)
    yield Cell("h1_10m_splice", "10 MiB answers, spliced", big, shape="splice", peers=("haproxy",), target=2450 / 2912)
    yield Cell("post_1m", "uploads of 1 MiB", FEW + ("-b", str(MIB), "-p", "/post"), target=390 / 411)


def _h2():
    many, one, some = FEW + ("-m", "100"), ("-m", "1"), FEW + ("-m", "8") + body(65536)
    yield Cell("h2_h1_small", "4 connections of 100 streams", many, front="h2", target=8.2 / 10)
    yield Cell("h2_h1_1stream", "64 connections of one stream", one, front="h2", target=13.8 / 14.8)
    yield Cell("h2_h1_64k", "64 KiB, 4 connections of 8 streams", some, front="h2", target=31 / 48.9)
    yield Cell("h2_h2_small", "HTTP/2 on both sides", many, front="h2", back="h2", peers=NO_NGINX, target=2.8 / 4.1)
    yield Cell("h2_h2_64k", "the same, 64 KiB", some, front="h2", back="h2", peers=NO_NGINX, target=30 / 127)
    yield Cell("h1_h2_small", "HTTP/1 to HTTP/2", back="h2", peers=NO_NGINX, target=8.5 / 10.1)


def _tls():
    full = ("-C", "-c", "16")
    yield Cell("tls_h1_small", "TLS 1.3, keep-alive", tls="ec", target=16.8 / 19.4)
    yield Cell("tls_h1_10m", "TLS 1.3, 10 MiB", FEW + body(10 * MIB), tls="ec", target=7700 / 9878)
    yield Cell("tls_h2_small", "TLS 1.3, HTTP/2, 4 connections of 100 streams", FEW + ("-m", "100"), front="h2",
               tls="ec", target=8.4 / 11.7)
    yield Cell("tls_h2_64k", "TLS 1.3, HTTP/2, 64 KiB", FEW + ("-m", "8") + body(65536), front="h2", tls="ec",
               target=58 / 63.6)
    yield Cell("tls_full_rsa", "handshake, RSA 2048, one request", full, tls="rsa", target=495 / 590)
    yield Cell("tls_full_ec", "handshake, P-256, one request", full, tls="ec", target=265 / 365)
    yield Cell("tls12_full_ec", "the same, TLS 1.2", full + ("-V", "1.2"), tls="ec", target=228 / 308)
    yield Cell("tls_resume", "TLS 1.3, resumed", full + ("-R",), tls="ec", target=220 / 314)
    yield Cell("tls12_resume", "TLS 1.2, resumed", full + ("-R", "-V", "1.2"), tls="ec", target=89 / 151)


def _tcp():
    big = FEW + body(10 * MIB)
    yield Cell("tcp_small", "mode tcp, 100 B", shape="tcp", peers=RELAYS, target=11.6 / 12.3)
    yield Cell("tcp_close", "mode tcp, one exchange a connection", ("-C",), shape="tcp", peers=RELAYS, target=62 / 65.9)
    yield Cell("tcp_bulk", "mode tcp, 10 MiB, copied", big, shape="tcp", peers=RELAYS, target=3200 / 5781)
    yield Cell("tcp_splice", "mode tcp, 10 MiB, spliced", big, shape="tcp_splice", peers=("haproxy",),
               target=2900 / 3108)


def _rules():
    yield Cell("rules", "20 ACLs and 14 header rules", shape="rules", peers=RELAYS, target=16 / 19.4)
    yield Cell("routes_linear", "1,000 use_backend lines by Host", ("-N", "1000"), shape="routes_linear",
               peers=("haproxy",), target=25 / 229)
    yield Cell("routes_map", "1,000 routes by map", ("-N", "1000"), shape="routes_map", peers=RELAYS,
               target=12.8 / 14.5)


def _numbers():
    for n, target in ((100, 13 / 15), (1000, 16 / 24.1), (5000, 24 / 41.4)):
        yield Cell(f"conns_{n}", f"100 B over {n} connections", ("-c", str(n)), target=target)
    for n, target in ((10, 12.2 / 13.2), (1000, 12.8 / 15.7)):
        yield Cell(f"servers_{n}", f"round robin over {n} servers", shape="servers", servers=n, peers=RELAYS,
                   target=target)
    for n, target in ((1, 12 / 14.2), (2, 12.6 / 14.5)):
        yield Cell(f"threads_{n}", f"{n} threads, 128 connections, not pinned", ("-c", "128"), threads=n, pinned=False,
                   target=target)
    yield Cell("rate_5k", "5,000 requests a second, open loop", ("-r", "5000"), target=42 / 50.6)
    yield Cell("rate_5k_tls", "the same over TLS", ("-r", "5000"), tls="ec", target=49 / 62.6)


def _others():
    yield Cell("idle_plain", "bytes for each idle keep-alive connection", ("-I", "-c", "10000"), kind="idle",
               target=500 / 1132)
    yield Cell("idle_tls", "the same over TLS", ("-I", "-c", "10000"), tls="ec", kind="idle", target=14500 / 15360)
    yield Cell("config_load", "checking 1,000 backends and 5,000 rules, ms of CPU", shape="big", kind="config",
               peers=RELAYS, target=40 / 58.7)
    yield Cell("start_small", "from exec to the first answer, ms of CPU", kind="start", target=6 / 26.4)


CELLS = [c for group in (_h1, _h2, _tls, _tcp, _rules, _numbers, _others) for c in group()]


def pick(names):
    """Cells by name; a name that ends in * stands for all that begin so. Nothing: all."""
    wanted = [n for n in names.split(",") if n]
    for name in wanted:
        if not any(_matches(c, name) for c in CELLS):
            raise SystemExit(f"no cell is called {name}; there are: {' '.join(c.name for c in CELLS)}")
    return [c for c in CELLS if not wanted or any(_matches(c, n) for n in wanted)]


def _matches(cell, name):
    return cell.name == name or (name.endswith("*") and cell.name.startswith(name[:-1]))
