"""The same task in each proxy's language. configure(cell, peer, ...) writes the files and answers the command line."""

NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"
ROUTES = 1000
POOLS = 10          # backends behind the routes: what is measured is finding them


class Site:
    """Where a proxy listens, what is behind it, and a directory of its own."""

    def __init__(self, directory, port, origin, log_port, certs):
        self.dir, self.port, self.origin, self.log_port, self.certs = directory, port, origin, log_port, certs

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return path


def configure(cell, peer, binary, site):
    return WRITERS[peer](cell, peer, binary, site)


# --- weir and HAProxy: one language ---

def _defaults(cell, site):
    lines = ["\tmode " + ("tcp" if cell.shape.startswith("tcp") else "http")]
    lines += [f"\ttimeout {what} 60s" for what in ("connect", "client", "server")]
    if cell.shape == "log":
        lines += [f"\tlog 127.0.0.1:{site.log_port} local0", "\toption httplog"]
    if cell.shape.endswith("splice"):
        lines += ["\toption splice-request", "\toption splice-response"]
    if not cell.shape.startswith("tcp") and cell.shape != "default":
        lines += ["\thttp-reuse always"]
    return lines


def _bind(cell, peer, site):
    words = f"\tbind 127.0.0.1:{site.port}"
    if cell.tls:
        return words + f" ssl crt {site.certs}/{cell.tls}.pem alpn h2,http/1.1"
    return words + (" proto h2" if cell.front == "h2" and peer == "haproxy" else "")


def _acl_rules():
    tests = ("path_beg /no/{}", "hdr(host) -i no{}.example", "path_end .no{}", "hdr_sub(user-agent) robot{}")
    lines = [f"\tacl a{i} " + tests[i % len(tests)].format(i) for i in range(20)]
    lines += [f"\thttp-request set-header X-Set-{i} value-{i}" for i in range(5)]
    lines += [f"\thttp-request set-header X-If-{i} value-{i} if a{i} || a{i + 10}" for i in range(4)]
    lines += ["\thttp-request del-header X-Gone"]
    lines += [f"\thttp-response set-header X-Answer-{i} value-{i}" for i in range(3)]
    lines += ["\thttp-response del-header Server"]
    return lines


def _frontend_rules(cell, site):
    if cell.shape == "rules":
        return _acl_rules()
    if cell.shape == "routes_linear":
        return [f"\tuse_backend be{i % POOLS} if {{ hdr(host) -i h{i}.example }}" for i in range(ROUTES)]
    if cell.shape == "routes_map":
        path = site.write("routes.map", "".join(f"h{i}.example be{i % POOLS}\n" for i in range(ROUTES)))
        return [f"\tuse_backend %[req.hdr(host),lower,map({path},be0)]"]
    if cell.shape == "big":
        lines = [f"\tuse_backend be{i} if {{ hdr(host) -i h{i}.example }}" for i in range(ROUTES)]
        return lines + [f"\thttp-request set-header X-{i} v if {{ path_beg /p{i} }}" for i in range(4 * ROUTES)]
    return []


def _backends(cell):
    return {"routes_linear": POOLS, "routes_map": POOLS, "big": ROUTES}.get(cell.shape, 1)


def _limits(cell):
    """Most machines give a process 20,000 descriptors; a proxy that sets two aside for each connection refuses to begin
    with 10,000 of them unless it is told that it may: here the servers' connections are few."""
    return ["\tmaxconn 10100", "\tulimit-n 19900", "\tno strict-limits"] if cell.kind == "idle" else ["\tmaxconn 7500"]


def _haproxy_text(cell, peer, site):
    proto = " proto h2" if cell.back == "h2" else ""
    lines = ["global", f"\tnbthread {cell.threads}", *_limits(cell), "defaults", *_defaults(cell, site),
             "frontend fe", _bind(cell, peer, site), *_frontend_rules(cell, site), "\tdefault_backend be0"]
    for b in range(_backends(cell)):
        lines += [f"backend be{b}"]
        lines += [f"\tserver s{i} 127.0.0.1:{site.origin}{proto}" for i in range(cell.servers)]
    return "\n".join(lines) + "\n"


def _haproxy(cell, peer, binary, site):
    path = site.write(f"{peer}.cfg", _haproxy_text(cell, peer, site))
    return [binary, "-c" if cell.kind == "config" else "-db", "-f", str(path)]


# --- nginx ---

def _nginx_tls(cell, site):
    if not cell.tls:
        return ""
    return (f"ssl_certificate {site.certs}/{cell.tls}.pem; ssl_certificate_key {site.certs}/{cell.tls}.pem;"
            "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:10m;")


def _upstream(name, site, servers):
    lines = "".join(f"server 127.0.0.1:{site.origin};" for _ in range(servers))
    return f"upstream {name} {{ {lines} keepalive {max(512, 2 * servers)}; keepalive_requests 1000000000; }}\n"


def _nginx_routes(cell):
    if cell.shape == "routes_map":
        pairs = "".join(f"h{i}.example be{i % POOLS};" for i in range(ROUTES))
        return f"map_hash_max_size 8192; map $host $pool {{ default be0; {pairs} }}\n", "$pool"
    return "", "be0"


def _nginx_rules(cell):
    if cell.shape != "rules":
        return "", ""
    maps = "".join(f"map $uri $a{i} {{ default ''; ~^/no/{i} value-{i}; }}" for i in range(20))
    fields = "".join(f"proxy_set_header X-Set-{i} value-{i};" for i in range(5))
    fields += "".join(f"proxy_set_header X-If-{i} $a{i}$a{i + 5}$a{i + 10}$a{i + 15};" for i in range(5))
    fields += "".join(f"add_header X-Answer-{i} value-{i};" for i in range(3)) + "proxy_hide_header Server;"
    return maps, fields


def _nginx_big():
    locations = "".join(f"location /p{i} {{ proxy_set_header X-{i} v; proxy_pass http://be0; }}\n"
                        for i in range(4 * ROUTES))
    routes = "".join(f"server {{ listen 127.0.0.1:1; server_name h{i}.example; location / "
                     f"{{ proxy_pass http://be{i}; }} }}\n" for i in range(ROUTES))
    return locations, routes


def _nginx_http(cell, site):
    maps, pool = _nginx_routes(cell)
    rules, fields = _nginx_rules(cell)
    locations, routes = _nginx_big() if cell.shape == "big" else ("", "")
    log = f"syslog:server=127.0.0.1:{site.log_port}" if cell.shape == "log" else "off"
    words = (" ssl" if cell.tls else "") + (" http2" if cell.front == "h2" else "")
    upstreams = "".join(_upstream(f"be{b}", site, cell.servers) for b in range(_backends(cell)))
    return f"""http {{
{upstreams}{maps}{rules}
access_log {log}; keepalive_requests 1000000000; keepalive_timeout 60s; client_max_body_size 0;
http2_max_concurrent_streams 128; http2_recv_buffer_size 256k; server_names_hash_max_size 8192;
{routes}server {{ listen 127.0.0.1:{site.port}{words} backlog=4096; {_nginx_tls(cell, site)}
{locations}location / {{ proxy_pass http://{pool}; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_request_buffering off; proxy_set_header Host $http_host; {fields} }} }}
}}
"""


def _nginx_stream(site):
    return (f"stream {{ upstream be {{ server 127.0.0.1:{site.origin}; }} server {{ listen 127.0.0.1:{site.port} "
            "backlog=4096; proxy_pass be; } }\n")


def _nginx(cell, peer, binary, site):
    tcp = cell.shape.startswith("tcp")
    modules = f"load_module {NGINX_STREAM};\n" if tcp else ""
    text = (f"{modules}worker_processes {cell.threads}; daemon off; user root;\n"
            f"pid {site.dir}/nginx.pid; error_log {site.dir}/nginx.err; events {{ worker_connections 18000; }}\n"
            + (_nginx_stream(site) if tcp else _nginx_http(cell, site)))
    path = site.write("nginx.conf", text)
    return [binary, "-p", str(site.dir), "-c", str(path)] + (["-t", "-q"] if cell.kind == "config" else [])


# --- h2o, nghttpx ---

def _h2o(cell, peer, binary, site):
    tls = ""
    if cell.tls:
        pem = f"{site.certs}/{cell.tls}.pem"
        tls = f"\n  ssl: {{ certificate-file: {pem}, key-file: {pem}, minimum-version: TLSv1.2, ocsp-update-interval: 0 }}"
    path = site.write("h2o.conf", f"""num-threads: {cell.threads}
max-connections: 9000
listen:
  host: 127.0.0.1
  port: {site.port}{tls}
http1-request-timeout: 60
hosts:
  default:
    paths:
      "/":
        proxy.reverse.url: "http://127.0.0.1:{site.origin}/"
        proxy.preserve-host: ON
        proxy.timeout.keepalive: 60000
""")
    return [binary, "-c", str(path)]


def _nghttpx(cell, peer, binary, site):
    pem = f"{site.certs}/{cell.tls}.pem"
    proto = ";;proto=h2" if cell.back == "h2" else ""
    args = [binary, "--conf=/dev/null", f"--frontend=127.0.0.1,{site.port}{'' if cell.tls else ';no-tls'}",
            f"--backend=127.0.0.1,{site.origin}{proto}", f"--workers={cell.threads}", "--no-ocsp", "--single-process",
            f"--pid-file={site.dir}/nghttpx.pid", "--backend-keep-alive-timeout=60", "--errorlog-file=/dev/null",
            "--worker-frontend-connections=9000", "--frontend-http2-max-concurrent-streams=128",
            "--backend-connections-per-host=512", "--backlog=4096"]
    return args + ([pem, pem] if cell.tls else [])


def _floor(cell, peer, binary, site):
    return [binary, "tcp" if cell.shape == "tcp" else "http", str(site.port), str(site.origin), str(cell.servers),
            str(cell.threads)]


WRITERS = {"weir": _haproxy, "haproxy": _haproxy, "nginx": _nginx, "h2o": _h2o, "nghttpx": _nghttpx, "floor": _floor}
