"""Cases of dev/compare-term with TLS, HTTP/2 and the PROXY protocol on the client's side, and of rules that drop. `T` is that script's
own names: Peer, get, ok, ..."""
import os, socket, ssl, struct, subprocess, time

CONF = """
defaults second
  mode http
  timeout client 900ms
  timeout server 1500ms
  timeout connect 400ms
  timeout http-request 600ms
  timeout http-keep-alive 300ms
  timeout queue 300ms
  timeout tarpit 500ms
  retries 0
  log 127.0.0.1:{log} local0
  option httplog
frontend tls
  bind 127.0.0.1:{tls} ssl crt {dir}/crt.pem alpn h2,http/1.1
  http-request silent-drop if {{ path /drop }}
  http-request reject if {{ path /reject }}
  http-request tarpit if {{ path /tarpit }}
  default_backend be2
frontend tlsnull
  bind 127.0.0.1:{tlsnull} ssl crt {dir}/crt.pem
  option dontlognull
  default_backend be2
frontend tls13
  bind 127.0.0.1:{tls13} ssl crt {dir}/crt.pem ssl-min-ver TLSv1.3
  default_backend be2
frontend tlscert
  bind 127.0.0.1:{tlscert} ssl crt {dir}/crt.pem ca-file {dir}/crt.pem verify required
  default_backend be2
frontend tlserror
  bind 127.0.0.1:{tlserror} ssl crt {dir}/crt.pem
  error-log-format "error %ci fc_err=%[fc_err] %[fc_err_str] ssl=%[ssl_fc_err] %[ssl_fc_err_str] %ft %ST %ts"
  default_backend be2
frontend proxied
  bind 127.0.0.1:{proxied} accept-proxy
  default_backend be2
frontend proxiednull
  bind 127.0.0.1:{proxiednull} accept-proxy
  option dontlognull
  default_backend be2
frontend proxiedtls
  bind 127.0.0.1:{proxiedtls} accept-proxy ssl crt {dir}/crt.pem
  default_backend be2
frontend tlstunnel
  bind 127.0.0.1:{tlstunnel} ssl crt {dir}/crt.pem
  timeout tunnel 400ms
  default_backend be2
listen tlstcp
  mode tcp
  option tcplog
  timeout client-fin 300ms
  timeout tunnel 500ms
  bind 127.0.0.1:{tlstcp} ssl crt {dir}/crt.pem
  server s1 127.0.0.1:{srv}
listen tlstcpslow
  mode tcp
  option tcplog
  bind 127.0.0.1:{tlstcpslow} ssl crt {dir}/crt.pem
  server s1 127.0.0.1:{srv}
frontend h2
  bind 127.0.0.1:{h2}
  http-request silent-drop if {{ path /drop }}
  http-request reject if {{ path /reject }}
  http-request deny if {{ path /deny }}
  http-request tarpit if {{ path /tarpit }}
  http-request wait-for-body time 400ms if {{ path /waitbody }}
  use_backend refused if {{ path /refused }}
  use_backend one2 if {{ path /one }}
  use_backend short if {{ path /short }}
  use_backend buffered2 if {{ path /buffered }}
  use_backend hang if {{ path /hang }}
  default_backend be2
frontend h2null
  bind 127.0.0.1:{h2null}
  option dontlognull
  default_backend be2
frontend h2tunnel
  bind 127.0.0.1:{h2tunnel}
  timeout tunnel 400ms
  default_backend be2
backend be2
  http-reuse never
  server s1 127.0.0.1:{srv}
backend one2
  server s1 127.0.0.1:{srv} maxconn 1
backend short
  timeout server 300ms
  server s1 127.0.0.1:{srv}
backend buffered2
  option http-buffer-request
  server s1 127.0.0.1:{srv}
frontend resdrop
  bind 127.0.0.1:{resdrop}
  http-response silent-drop if {{ status 299 }}
  default_backend be2
listen tcpresdrop
  bind 127.0.0.1:{tcpresdrop}
  mode tcp
  option tcplog
  tcp-response inspect-delay 300ms
  tcp-response content silent-drop if {{ res.payload(0,1) -m str D }}
  tcp-response content close if {{ res.payload(0,1) -m str C }}
  tcp-response content reject if {{ res.payload(0,1) -m str R }}
  tcp-response content accept if {{ res.payload(0,1) -m found }}
  server s1 127.0.0.1:{srv}
listen tcpconndrop
  bind 127.0.0.1:{tcpconndrop}
  mode tcp
  option tcplog
  tcp-request connection silent-drop
  server s1 127.0.0.1:{srv}
listen tcpsessdrop
  bind 127.0.0.1:{tcpsessdrop}
  mode tcp
  option tcplog
  tcp-request session silent-drop
  server s1 127.0.0.1:{srv}
listen tlsconnreject
  bind 127.0.0.1:{tlsconnreject} ssl crt {dir}/crt.pem
  tcp-request connection reject
  server s1 127.0.0.1:{srv}
listen tlssessreject
  bind 127.0.0.1:{tlssessreject} ssl crt {dir}/crt.pem
  tcp-request session reject
  server s1 127.0.0.1:{srv}
listen tlssessdrop
  bind 127.0.0.1:{tlssessdrop} ssl crt {dir}/crt.pem
  tcp-request session silent-drop
  server s1 127.0.0.1:{srv}
listen contentdrop
  bind 127.0.0.1:{contentdrop}
  tcp-request inspect-delay 300ms
  tcp-request content silent-drop if {{ path /drop }}
  tcp-request content reject if {{ path /reject }}
  server s1 127.0.0.1:{srv}
listen contenth2
  bind 127.0.0.1:{contenth2} proto h2
  tcp-request content silent-drop if {{ path /drop }}
  tcp-request content reject if {{ path /reject }}
  tcp-request content reject if {{ path /wait }} {{ req.body_len gt 3 }}
  server s1 127.0.0.1:{srv}
"""

def prepare(where):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
        "/CN=x", "-keyout", where + "/key.pem", "-out", where + "/crt.pem"], check=True, stderr=subprocess.DEVNULL)
    with open(where + "/crt.pem", "a") as f: f.write(open(where + "/key.pem").read())

def context(alpn=None, **more):
    x = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); x.check_hostname = False; x.verify_mode = ssl.CERT_NONE
    for k, v in more.items(): setattr(x, k, v)
    if alpn: x.set_alpn_protocols(alpn)
    return x

def tls(c, alpn=None, **more):
    """The handshake, whole."""
    try: c.s = context(alpn, **more).wrap_socket(c.s, suppress_ragged_eofs=False)
    except ssl.SSLEOFError: c.got += b"<NO HANDSHAKE>"; raise
    except ssl.SSLError as e: c.got += ("<%s>" % e.reason).encode(); raise

def hello():
    i, o = ssl.MemoryBIO(), ssl.MemoryBIO(); t = context().wrap_bio(i, o)
    try: t.do_handshake()
    except ssl.SSLWantReadError: pass
    return o.read()

def ended(c):
    """Reads to the end and says when it came."""
    start = time.time()
    try:
        while True:
            d = c.s.recv(65536)
            if not d: c.got += b"<END>"; break
            c.got += d
    except socket.timeout: c.got += b"<TIMEOUT>"
    except ssl.SSLEOFError: c.got += b"<CUT>"
    except OSError: c.got += b"<RESET>"
    said(c, start)

def raw_end(c):
    """The handshake's bytes do not count."""
    ended(c); c.got = c.got[c.got.rfind(b"<"):]

def said(c, start):
    c.notes.append("%s after %.1f s" % (c.got[c.got.rfind(b"<"):].decode().strip("<>"), time.time() - start))

def half_close(c):
    """close_notify, nothing more."""
    try: c.s.settimeout(0.1); c.s.unwrap()
    except (OSError, ValueError): pass
    c.s.settimeout(4)

# --- HTTP/2 by hand
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
NAMES = {0: "DATA", 1: "HEADERS", 3: "RST", 7: "GOAWAY"}

def frame(kind, flags, sid, body=b""): return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, sid) + body
def settings(pairs=()): return frame(4, 0, 0, b"".join(struct.pack(">HI", *p) for p in pairs))
def field(name, value): return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value
def fields(path="/a", method="GET", more=()):
    return b"".join(field(n.encode(), v.encode()) for n, v in [(":method", method), (":scheme", "http"), (":path", path), (":authority", "x"), *more])
def request(path="/a", sid=1, end=True, method="GET", more=()): return frame(1, 5 if end else 4, sid, fields(path, method, more))
def start(pairs=()): return PREFACE + settings(pairs)

STATUS = {8: "200", 9: "204", 10: "206", 11: "304", 12: "400", 13: "404", 14: "500"}

def status(b):
    while b and b[0] & 0xe0 == 0x20: b = b[1:]          # size of the table
    if b and b[0] & 0x80: return STATUS.get(b[0] & 0x7f, "?")
    i = 1
    if not b[0] & 0x3f or b[0] & 0x0f == 0 and b[0] < 0x40: return "?"
    n, huff = b[i] & 0x7f, b[i] & 0x80; v = b[i + 1:i + 1 + n]
    if not huff: return v.decode("latin-1")
    codes = {"00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4", "011011": "5", "011100": "6", "011101": "7", "011110": "8", "011111": "9"}
    bits, out, cur = "".join("{:08b}".format(x) for x in v), "", ""
    for x in bits:
        cur += x
        if cur in codes: out += codes[cur]; cur = ""
    return out

def frames(c, until=None, say=True):
    """Reads frames to the end of the connection or the first of a kind; those that say something are noted."""
    start, buf, last = time.time(), c.left, ""
    try:
        while True:
            while len(buf) >= 9 and len(buf) >= 9 + int.from_bytes(buf[:3], "big"):
                n = int.from_bytes(buf[:3], "big"); kind, flags, sid = struct.unpack(">BBI", buf[3:9]); body, buf = buf[9:9 + n], buf[9 + n:]
                if kind == 4 and not flags & 1: c.s.sendall(frame(4, 1, 0))
                if kind == 0 and n: c.s.sendall(frame(8, 0, 0, struct.pack(">I", n)))
                text = {0: lambda: "DATA(%d)%s" % (sid, " end" if flags & 1 else ""), 1: lambda: "HEADERS(%d) %s%s" % (sid, status(body), " end" if flags & 1 else ""),
                    3: lambda: "RST(%d) %d" % (sid, struct.unpack(">I", body)[0]), 7: lambda: "GOAWAY %d" % struct.unpack(">I", body[4:8])[0]}.get(kind)
                if say and text and text() != last: last = text(); c.got += last.encode() + b"; "
                if kind == until and (kind != 0 or flags & 1): c.left = buf; return
            d = c.s.recv(65536)
            if not d: c.got += b"<END>"; break
            buf += d
    except socket.timeout: c.got += b"<TIMEOUT>"
    except ssl.SSLEOFError: c.got += b"<CUT>"
    except OSError: c.got += b"<RESET>"
    c.notes += [c.got.decode()]
    said(c, start)

def cases(T):
    get, post, ok, wait, OK, MUTE, WS, SWITCH, other = T.get, T.post, T.ok, T.wait, T.OK, T.MUTE, T.WS, T.SWITCH, T.other
    H = hello()
    CONNECT = (":protocol", "websocket")
    out = {}
    def add(name, front, serve, client): out[name] = (front, serve, client)
    def short(c): c.s.settimeout(0.7)
    # handshakes that do not end
    for name, first in (("none", b""), ("half", H[:100]), ("whole", H), ("garbage", b"GET / HTTP/1.0\r\n\r\n"), ("noise", b"\x16\x03\x01\x00\x05hello")):
        for front in ("tls", "tlsnull") if name != "noise" else ("tls",):
            p = "hs-%s-%s" % ("null" if front == "tlsnull" else "log", name)
            add(p + "-timeout", front, OK, lambda c, f=first: (c.send(f), raw_end(c)))
            add(p + "-close", front, OK, lambda c, f=first: (c.send(f), wait(0.1), c.close()))
            add(p + "-fin", front, OK, lambda c, f=first: (c.send(f), wait(0.1), c.fin(), raw_end(c)))
            add(p + "-rst", front, OK, lambda c, f=first: (c.send(f), wait(0.1), c.rst()))
        add("hs-error-%s-close" % name, "tlserror", OK, lambda c, f=first: (c.send(f), wait(0.1), c.fin(), raw_end(c)))
        add("hs-error-%s-timeout" % name, "tlserror", OK, lambda c, f=first: (c.send(f), raw_end(c)))
    add("hs-old-version", "tls13", OK, lambda c: tls(c, maximum_version=ssl.TLSVersion.TLSv1_2))
    add("hs-no-cert", "tlscert", OK, lambda c: (tls(c), c.send(get()), ended(c)))
    add("hs-no-cert-12", "tlscert", OK, lambda c: tls(c, maximum_version=ssl.TLSVersion.TLSv1_2))
    add("hs-unknown-ca", "tls", OK, lambda c: tls(c, verify_mode=ssl.CERT_REQUIRED))
    add("hs-unknown-ca-error", "tlserror", OK, lambda c: tls(c, verify_mode=ssl.CERT_REQUIRED))
    add("hs-alpn-unknown", "tls", OK, lambda c: (tls(c, ["foo"]), c.send(get()), c.head(), c.close()))
    # requests over TLS
    def over(name, serve, client, front="tls"): add("tls-" + name, front, serve, lambda c: (tls(c), client(c)))
    over("normal", OK, lambda c: (c.send(get()), c.head(), c.close()))
    over("nothing", OK, lambda c: ended(c))
    over("nothing-null", OK, lambda c: ended(c), "tlsnull")
    over("nothing-close", OK, lambda c: (wait(0.1), c.close()))
    over("nothing-close-null", OK, lambda c: (wait(0.1), c.close()), "tlsnull")
    over("nothing-notify", OK, lambda c: (half_close(c), c.close()))
    over("nothing-rst", OK, lambda c: (wait(0.1), c.rst()))
    over("half", OK, lambda c: (c.send("GET /a HT"), ended(c)))
    over("half-close", OK, lambda c: (c.send("GET /a HT"), wait(0.1), c.close()))
    over("half-notify", OK, lambda c: (c.send("GET /a HT"), half_close(c), c.close()))
    over("half-rst", OK, lambda c: (c.send("GET /a HT"), wait(0.1), c.rst()))
    over("bad", OK, lambda c: (c.send("GARBAGE\r\n\r\n"), ended(c)))
    over("idle", OK, lambda c: (c.send(get()), c.head(), ended(c)))
    over("idle-half", OK, lambda c: (c.send(get()), c.head(), c.send("GET /b"), ended(c)))
    over("idle-half-late", OK, lambda c: (c.send(get()), c.head(), wait(0.2), c.send("GET /b"), ended(c)))
    over("upload", MUTE, lambda c: (c.send(post(10, "12345")), ended(c)))
    over("upload-close", MUTE, lambda c: (c.send(post(10, "12345")), wait(0.1), c.close()))
    over("upload-notify", MUTE, lambda c: (c.send(post(10, "12345")), half_close(c), c.close()))
    over("answer-timeout", MUTE, lambda c: (c.send(get()), ended(c)))
    over("body-timeout", lambda s: (s.head(), s.send(ok("x" * T.BIG))), lambda c: (c.send(get()), wait(2.2), c.close()))
    over("body-close", lambda s: (s.head(), s.send(ok("x" * T.BIG))), lambda c: (c.send(get()), c.read(100000), c.close()))
    over("body-cut", lambda s: (s.head(), s.send(ok("x" * 10)[:-5])), lambda c: (c.send(get()), ended(c)))
    over("body-until-close", lambda s: (s.head(), s.send("HTTP/1.1 200 OK\r\n\r\nabc")), lambda c: (c.send(get()), ended(c)))
    over("ws-tunnel", lambda s: (s.head(), s.send(SWITCH), wait(2)), lambda c: (c.send(get(more=WS)), ended(c)), "tlstunnel")
    over("ws-client", lambda s: (s.head(), s.send(SWITCH), wait(2)), lambda c: (c.send(get(more=WS)), ended(c)))
    over("drop", OK, lambda c: (short(c), c.send(get("/drop")), ended(c)))
    over("reject", OK, lambda c: (c.send(get("/reject")), ended(c)))
    over("tarpit", OK, lambda c: (c.send(get("/tarpit")), ended(c)))
    over("sess-reject", OK, lambda c: (c.send(get()), ended(c)), "tlssessreject")
    over("sess-drop", OK, lambda c: (short(c), c.send(get()), ended(c)), "tlssessdrop")
    add("tls-conn-reject", "tlsconnreject", OK, lambda c: (tls(c), ended(c)))
    # bytes over TLS
    tcp = lambda name, serve, client, front="tlstcp": over("tcp-" + name, serve, client, front)
    tcp("normal", lambda s: (s.read(1), s.send("hello")), lambda c: (c.send("x"), ended(c)))
    tcp("tunnel", lambda s: (s.read(1), wait(2)), lambda c: (c.send("x"), ended(c)))
    tcp("client", lambda s: (s.read(1), wait(2)), lambda c: (c.send("x"), ended(c)), "tlstcpslow")
    tcp("silent", lambda s: wait(2), lambda c: ended(c), "tlstcpslow")
    tcp("notify-fin", lambda s: (s.all(), wait(1.5)), lambda c: (c.send("x"), half_close(c), wait(1.5), c.close()))
    tcp("fin", lambda s: (s.all(), wait(1.5)), lambda c: (c.send("x"), c.s.shutdown(socket.SHUT_WR), wait(1.5), c.close()))
    tcp("rst", lambda s: s.all(), lambda c: (c.send("x"), wait(0.1), c.rst()))
    tcp("server-rst", lambda s: (s.read(1), s.send("hello"), wait(0.1), s.rst()), lambda c: (c.send("x"), ended(c)))
    # PROXY protocol
    V1 = "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"
    for f in ("proxied", "proxiednull"):
        add(f + "-none", f, OK, lambda c: raw_end(c))
        add(f + "-none-close", f, OK, lambda c: (wait(0.1), c.close()))
        add(f + "-half", f, OK, lambda c: (c.send(V1[:9]), raw_end(c)))
        add(f + "-half-close", f, OK, lambda c: (c.send(V1[:9]), wait(0.1), c.close()))
        add(f + "-only", f, OK, lambda c: (c.send(V1), ended(c)))
        add(f + "-only-close", f, OK, lambda c: (c.send(V1), wait(0.1), c.close()))
    add("proxied-garbage", "proxied", OK, lambda c: (c.send(get()), raw_end(c)))
    add("proxied-bad", "proxied", OK, lambda c: (c.send("PROXY TCP4 1.2.3 5\r\n"), raw_end(c)))
    add("proxied-v2-bad", "proxied", OK, lambda c: (c.send(b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c" + b"a" * 12), raw_end(c)))
    add("proxied-normal", "proxied", OK, lambda c: (c.send(V1 + get()), c.head(), c.close()))
    add("proxied-tls-none", "proxiedtls", OK, lambda c: raw_end(c))
    add("proxied-tls-only", "proxiedtls", OK, lambda c: (c.send(V1), raw_end(c)))
    add("proxied-tls-half", "proxiedtls", OK, lambda c: (c.send(V1), c.send(H[:100]), wait(0.1), c.close()))
    # HTTP/2
    def h2(name, serve, *steps, front="h2", pairs=(), reads=True):
        def client(c, how):
            c.left = b""; how(c); c.send(start(pairs))
            for s in steps:
                if callable(s): s(c)
                else: c.send(s)
            if reads: frames(c)
        add("h2-" + name, front, serve, lambda c: client(c, lambda c: None))
        if front == "h2" and name in ("nothing", "idle", "half-head", "upload", "answer-timeout", "close", "notify"):
            add("h2-tls-" + name, "tls", serve, lambda c: client(c, lambda c: tls(c, ["h2"])))
    answer = lambda c: frames(c, 0)
    add("h2-preface-half", "h2", OK, lambda c: (setattr(c, "left", b""), c.send(PREFACE[:14]), frames(c)))
    add("h2-preface-only", "h2", OK, lambda c: (setattr(c, "left", b""), c.send(PREFACE), frames(c)))
    add("h2-preface-close", "h2", OK, lambda c: (setattr(c, "left", b""), c.send(PREFACE), wait(0.1), c.close()))
    add("h2-preface-bad", "h2", OK, lambda c: (setattr(c, "left", b""), c.send(PREFACE[:20] + b"xx" * 20), frames(c)))
    h2("nothing", OK)
    h2("nothing-null", OK, front="h2null")
    h2("nothing-close", OK, lambda c: (wait(0.1), c.close()), reads=False)
    h2("normal", OK, request(), answer, lambda c: c.close(), reads=False)
    h2("idle", OK, request(), answer)
    h2("half-head", OK, frame(1, 1, 1, fields()))
    h2("half-frame", OK, request()[:20])
    h2("half-frame-after", OK, request(), answer, request(sid=3)[:20])
    h2("half-head-close", OK, frame(1, 1, 1, fields()), lambda c: (wait(0.1), c.close()), reads=False)
    h2("upload", MUTE, request("/p", end=False, method="POST"), frame(0, 0, 1, b"12345"))
    h2("upload-close", MUTE, request("/p", end=False, method="POST"), frame(0, 0, 1, b"12345"), lambda c: (wait(0.1), c.close()), reads=False)
    h2("upload-cancel", MUTE, request("/p", end=False, method="POST"), frame(0, 0, 1, b"12345"), lambda c: wait(0.1), frame(3, 0, 1, b"\0\0\0\x08"))
    h2("upload-short", MUTE, request("/short", end=False, method="POST"), frame(0, 0, 1, b"12345"))
    h2("buffered", OK, request("/buffered", end=False, method="POST"), frame(0, 0, 1, b"12345"))
    h2("waitbody", OK, request("/waitbody", end=False, method="POST"), frame(0, 0, 1, b"12345"))
    h2("answer-timeout", MUTE, request("/short"))
    h2("answer-timeout-one-of-two", lambda s: (s.send(ok()) if b"/b" in s.head() else wait(2)), request("/short"), request("/b", 3))
    h2("answer-timeout-late", MUTE, request())
    h2("answer-cut", lambda s: (s.head(), s.send(ok("x" * 10)[:-5])), request())
    h2("answer-none", lambda s: s.head(), request())
    h2("answer-body-timeout", lambda s: (s.head(), s.send(ok("x" * 10)[:-5]), wait(2)), request("/short"))
    h2("cancel", MUTE, request(), lambda c: wait(0.1), frame(3, 0, 1, b"\0\0\0\x08"))
    h2("cancel-one", lambda s: (s.head(), wait(0.3), s.send(ok())), request(), request("/b", 3), lambda c: wait(0.1), frame(3, 0, 1, b"\0\0\0\x08"))
    h2("close", MUTE, request(), lambda c: (wait(0.1), c.close()), reads=False)
    h2("rst", MUTE, request(), lambda c: (wait(0.1), c.rst()), reads=False)
    h2("fin", lambda s: (s.head(), wait(0.3), s.send(ok())), request(), lambda c: (wait(0.1), c.fin()))
    h2("goaway", lambda s: (s.head(), wait(0.3), s.send(ok())), request(), lambda c: wait(0.1), frame(7, 0, 0, b"\0" * 8))
    h2("goaway-idle", OK, request(), answer, frame(7, 0, 0, b"\0" * 8))
    h2("window-zero", lambda s: (s.head(), s.send(ok("x" * 3000)), wait(2)), request(), pairs=[(4, 0)])
    h2("deny", OK, request("/deny"))
    h2("reject", OK, request("/reject"))
    h2("tarpit", OK, request("/tarpit"))
    h2("drop", OK, short, request("/drop"))
    h2("reject-one-of-two", lambda s: (s.head(), wait(0.2), s.send(ok())), request("/b"), request("/reject", 3))
    h2("refused", OK, request("/refused"))
    h2("hang", OK, request("/hang"))
    h2("queue", MUTE, lambda c: other(c, get("/one")), request("/one"))
    h2("bad-path", OK, request(""))
    h2("bad-frame", OK, frame(0, 0, 0, b"x"))
    h2("trailing", OK, request(), answer, request(sid=1))
    h2("ws-tunnel", lambda s: (s.head(), s.send(SWITCH), wait(2)), request(method="CONNECT", end=False, more=[CONNECT]), front="h2tunnel")
    h2("ws-client", lambda s: (s.head(), s.send(SWITCH), wait(2)), request(method="CONNECT", end=False, more=[CONNECT]))
    # rules that drop, at each layer
    status299 = lambda s: (s.head(), s.send(ok(status=299)), wait(0.5))
    add("drop-response", "resdrop", status299, lambda c: (short(c), c.send(get()), ended(c)))
    add("drop-response-h2", "resdrop", status299, lambda c: (short(c), setattr(c, "left", b""), c.send(start() + request()), frames(c)))
    for what, letter in (("drop", "D"), ("close", "C"), ("reject", "R")):
        add("tcp-res-" + what, "tcpresdrop", lambda s, l=letter: (s.read(1), s.send(l + "rest"), s.all()), lambda c: (short(c), c.send("x"), ended(c)))
    add("tcp-res-accept", "tcpresdrop", lambda s: (s.read(1), s.send("A")), lambda c: (c.send("x"), ended(c)))
    add("tcp-conn-drop", "tcpconndrop", OK, lambda c: (short(c), c.send("x"), ended(c)))
    add("tcp-sess-drop", "tcpsessdrop", OK, lambda c: (short(c), c.send("x"), ended(c)))
    add("content-drop", "contentdrop", OK, lambda c: (short(c), c.send(get("/drop")), ended(c)))
    add("content-reject", "contentdrop", OK, lambda c: (c.send(get("/reject")), ended(c)))
    add("content-drop-h2", "contenth2", OK, lambda c: (short(c), setattr(c, "left", b""), c.send(start() + request("/drop")), frames(c)))
    add("content-reject-h2", "contenth2", OK, lambda c: (setattr(c, "left", b""), c.send(start() + request("/reject")), frames(c)))
    add("content-wrong-proto", "contenth2", OK, lambda c: (c.send(get()), ended(c)))
    return out

EREQ = "who ends before the request was sent is counted in ereq, as the manual says"
WHY = "the log says what OpenSSL says, as 3.x"
LATE = "the client was late, and is told so"
TCP = "logged and ended at once"
BAD = "no line about what no request came of; 2.6 also answers h2 preface errors as HTTP/1"
PIECES = "the rest of a PROXY header may come in another packet"
LINE = "the request is known when content rules run"
CUT = "a body that was cut must not look whole"
GONE = "a client that has gone: 400, as 3.5 for what was not answered"
READ = "what the client still owes is read for a second instead of a reset"
AWAY = "the connection's end is told by its GOAWAY alone"
IDLE = "2.6 may refuse the stream when its idle server connection has closed"
WANTED = {
    **{"hs-%s-%s" % (a, b): WHY if "garbage" in b or "noise" in b else EREQ for a in ("log", "null", "error") for b in
        ("%s-%s" % (c, d) for c in ("none", "half", "whole", "garbage", "noise") for d in ("timeout", "close", "fin", "rst"))},
    "hs-old-version": WHY, "hs-no-cert": WHY, "hs-no-cert-12": WHY, "hs-unknown-ca": WHY, "hs-unknown-ca-error": EREQ,
    "tls-upload": LATE, "h2-upload": LATE, "h2-tls-upload": LATE, "tls-ws-tunnel": TCP, "tls-ws-client": TCP, "tls-tcp-client": TCP,
    "tls-tcp-silent": TCP, "tls-tcp-server-rst": "what broke on one side breaks on the other",
    "tls-sess-reject": "2.6 logs `Success`", "tls-sess-drop": "2.6 logs `Success`",
    **{p + q: PIECES if "half" in q else EREQ for p in ("proxied", "proxiednull") for q in ("-none", "-none-close", "-half", "-half-close")},
    "proxied-garbage": EREQ, "proxied-bad": EREQ, "proxied-v2-bad": EREQ, "proxied-tls-none": EREQ, "proxied-tls-only": EREQ,
    "proxied-tls-half": EREQ, "h2-preface-only": BAD, "h2-preface-bad": BAD, "h2-half-head": BAD, "h2-tls-half-head": BAD, "h2-bad-path": BAD,
    "h2-bad-frame": BAD, "content-wrong-proto": BAD, "h2-half-frame": "the stream is reset as well", "h2-half-frame-after": "the stream is reset as well",
    "h2-upload-short": READ, "h2-buffered": READ, "h2-waitbody": READ, "h2-ws-tunnel": READ, "h2-ws-client": READ, "h2-answer-cut": CUT,
    "h2-answer-body-timeout": CUT, "h2-cancel": GONE, "h2-cancel-one": GONE, "h2-close": GONE, "h2-tls-close": GONE, "h2-rst": GONE,
    "h2-window-zero": CUT, "h2-reject": AWAY, "h2-reject-one-of-two": AWAY, "content-reject-h2": LINE, "content-drop-h2": LINE,
    "content-drop": LINE, "content-reject": LINE, "h2-drop": "whether the kernel still answers depends on the moment",
    "drop-response-h2": "whether the kernel still answers depends on the moment", "h2-trailing": "a frame too late is passed over",
    "h2-answer-none": IDLE, "h2-normal": IDLE, "h2-idle": IDLE, "h2-hang": IDLE, "h2-goaway-idle": IDLE,
}
