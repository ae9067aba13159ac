"""A cell from beginning to end: origin, proxies, rounds in the order A B B A, medians."""

import contextlib
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from . import measure, procs
from .configs import Site, configure

BINARIES = {"haproxy": "haproxy", "nginx": "nginx", "h2o": "h2o", "nghttpx": "nghttpx"}


def installed(names):
    """Name and program of each peer that is here."""
    path = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
    found = {n: n if n == "floor" else shutil.which(BINARIES[n], path=path) for n in names}
    return {n: p for n, p in found.items() if p}


def make_certs(directory):
    for name, words in (("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("rsa", ["rsa:2048"])):
        key, crt = directory / f"{name}.key", directory / f"{name}.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", *words, "-nodes", "-keyout", key, "-out", crt, "-days",
                        "30", "-subj", "/CN=bench.example"], check=True, stderr=subprocess.DEVNULL)
        (directory / f"{name}.pem").write_text(crt.read_text() + key.read_text())


class Bench:
    """What all cells share: tools, certificates, a directory."""

    def __init__(self, weir, tools, peers, rounds, seconds, trace=True):
        self.tools = pathlib.Path(tools)
        self.binaries = {"weir": str(pathlib.Path(weir).resolve()), **peers}
        if "floor" in peers:
            self.binaries["floor"] = str(self.tools / "bench_relay")
        self.rounds, self.seconds, self.trace = rounds, seconds, trace
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-"))
        make_certs(self.dir)
        for size in (100, 65536):
            with open(self.dir / str(size), "wb") as out:
                subprocess.run([self.tools / "bench_origin", "-g", str(size)], stdout=out, check=True)

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def names(self, cell):
        return [n for n in self.binaries if n == "weir" or n in cell.peers or (n == "floor" and cell.framed)]

    def origin(self, cell, port):
        if cell.back == "h2":
            argv = ["nghttpd", "--no-tls", "-n1", "-a", "127.0.0.1", "-d", str(self.dir), "-m", "1000",
                    "-W", "30", "-w", "30", str(port)]
        else:
            argv = [str(self.tools / "bench_origin"), str(port)]
        cpu = measure.LOAD_CPU if cell.pinned else None
        return procs.Proc(argv, cpu, self.dir / "origin.log").await_port(port)

    def site(self, name, origin, log_port):
        directory = self.dir / name
        directory.mkdir(exist_ok=True)
        return Site(directory, procs.free_port(), origin, log_port, self.dir)


def _order(names, i):
    return names if i % 2 == 0 else names[::-1]


def run_cell(bench, cell):
    """{name: result}, each with the median of its rounds and of its ratios to weir."""
    with contextlib.ExitStack() as stack:
        origin_port, log_port = procs.free_port(), procs.free_port()
        if cell.kind != "config":
            stack.callback(bench.origin(cell, origin_port).stop)
        if cell.shape == "log":
            sink = procs.Proc(["socat", "-u", f"UDP-RECV:{log_port}", "/dev/null"], measure.LOAD_CPU,
                              bench.dir / "sink.log")
            stack.callback(sink.stop)
        sites = {n: bench.site(n, origin_port, log_port) for n in bench.names(cell)}
        argv = {n: configure(cell, n, bench.binaries[n], s) for n, s in sites.items()}
        return _collect(cell, _rounds(bench, cell, sites, argv, stack))


def _rounds(bench, cell, sites, argv, stack):
    runs, proxies = {n: [] for n in sites}, {}
    once = {"cpu": measure.cpu, "idle": measure.idle}.get(cell.kind)
    for i in range(bench.rounds):
        for n in _order(list(sites), i):
            log, port = sites[n].dir / "log", sites[n].port
            if cell.kind == "config":
                runs[n].append(measure.config(argv[n], log))
                continue
            if cell.kind == "start":
                runs[n].append(measure.start(bench.tools, cell, argv[n], port, log))
                continue
            if n not in proxies:
                proxies[n] = _begin(bench, cell, argv[n], port, log, stack)
            runs[n].append(once(bench.tools, cell, proxies[n], port, bench.seconds))
            if cell.kind == "idle":        # memory that was freed would be used again
                proxies.pop(n).stop()
    if bench.trace and cell.kind == "cpu":
        for n, proxy in proxies.items():
            runs[n][-1]["syscalls"] = measure.syscalls(bench.tools, cell, proxy, sites[n].port, sites[n].dir)
    return runs


def _begin(bench, cell, argv, port, log, stack):
    log.unlink(missing_ok=True)
    proxy = procs.Proc(argv, measure.PROXY_CPU if cell.pinned else None, log)
    stack.callback(proxy.stop)
    proxy.await_port(port)
    if cell.kind == "cpu":
        measure.load(bench.tools, cell, port, ["-t", str(min(bench.seconds / 4, 0.5))])
    return proxy


def _median(runs, key):
    values = [r[key] for r in runs if r.get(key) is not None]
    return statistics.median(values) if values else None


def _collect(cell, runs):
    out = {}
    for n, rs in runs.items():
        r = {key: _median(rs, key) for key in ("value", "user", "rps", "p50", "p99", "memory")}
        r["errors"] = sum(x["errors"] for x in rs)
        r["error"] = next((x["error"] for x in rs if x["error"]), "")
        r["rounds"] = [x["value"] for x in rs]
        r["syscalls"] = rs[-1].get("syscalls", {})
        if n != "weir":
            r["ratio"] = statistics.median(w["value"] / max(p["value"], 1e-9) for w, p in zip(runs["weir"], rs))
        out[n] = r
    return out
