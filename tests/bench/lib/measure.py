"""One run of one cell against one proxy, and what came of it."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import time

from . import procs

LOAD_CPU, PROXY_CPU = 1, 0


def _load_argv(tools, cell, port, extra):
    args = [str(tools / "bench_load"), *cell.load]
    args += ["-2"] if cell.front == "h2" else []
    args += ["-T"] if cell.tls else []
    return procs.pin(LOAD_CPU if cell.pinned else None) + args + list(extra) + [str(port)]


FAILED = '{"requests": 0, "errors": 1, "error": "the client failed"}'


def load(tools, cell, port, extra):
    """Runs the client; its own account."""
    out = subprocess.run(_load_argv(tools, cell, port, extra), stdout=subprocess.PIPE, timeout=300, check=False).stdout
    return json.loads(out or FAILED)


class Client:
    """The client with all its connections open and warm (unless it closes them anyway), waiting for go()."""

    def __init__(self, tools, cell, port, seconds):
        extra = ["-t", str(seconds)] + ([] if "-C" in cell.load else ["-W"])
        self.argv, self.p = _load_argv(tools, cell, port, extra), None
        if "-W" in extra:
            self.p = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.p.stdout.readline()

    def go(self):
        if not self.p:
            return json.loads(subprocess.run(self.argv, stdout=subprocess.PIPE, timeout=300, check=False).stdout
                              or FAILED)
        out, _ = self.p.communicate(b"\n", 300)
        return json.loads(out or FAILED)


def cpu(tools, cell, proxy, port, seconds):
    """CPU of the proxy for each request."""
    client = Client(tools, cell, port, seconds)
    pids = proxy.pids()
    before, split = procs.cpu_ns(pids), procs.cpu_split(pids)
    r = client.go()
    used, after = procs.cpu_ns(pids) - before, procs.cpu_split(pids)
    user, system = (after[i] - split[i] for i in (0, 1))
    n = max(r["requests"], 1)
    return {
        "value": used / n / 1000, "user": user / (user + system) if user + system else 0,
        "rps": n / max(r.get("seconds", 1), 0.001), "p50": r.get("p50"), "p99": r.get("p99"), "errors": r["errors"],
        "error": r.get("error", ""), "memory": procs.resident(pids),
    }


def syscalls(tools, cell, proxy, port, directory):
    """System calls for each request, counted in a short run of its own."""
    out, client = directory / "strace.out", Client(tools, cell, port, 1)
    argv = ["strace", "-f", "-c", "-o", str(out)] + [w for pid in proxy.pids() for w in ("-p", str(pid))]
    tracer = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    r = client.go()
    tracer.send_signal(signal.SIGINT)
    tracer.wait(10)
    calls = {}
    for line in out.read_text().splitlines():
        found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
        if found and found.group(2) != "total":
            calls[found.group(2)] = int(found.group(1)) / max(r["requests"], 1)
    return {name: n for name, n in sorted(calls.items(), key=lambda kv: -kv[1]) if n >= 0.005}


def idle(tools, cell, proxy, port, _seconds):
    """Bytes for each connection that has had an answer and waits."""
    busy = dataclasses.replace(cell, load=())
    load(tools, busy, port, ["-t", "0.5", "-c", "128"])
    pids = proxy.pids()
    before, n = procs.resident(pids), int(cell.load[cell.load.index("-c") + 1])
    client = subprocess.Popen(_load_argv(tools, cell, port, ["-t", "60"]), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    r = json.loads(client.stdout.readline() or FAILED)
    time.sleep(0.5)
    value = (procs.resident(pids) - before) / n
    client.stdin.close()
    client.wait(30)
    return {"value": value, "errors": r["errors"], "error": r.get("error", "")}


def _rusage(argv, log):
    with open(log, "ab") as out:
        p = subprocess.Popen(procs.pin(PROXY_CPU) + argv, stdout=out, stderr=out, start_new_session=True)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, (used.ru_utime + used.ru_stime) * 1000


def config(argv, log):
    """Milliseconds of CPU for reading a configuration."""
    code, ms = _rusage(argv, log)
    return {"value": ms, "errors": int(code != 0), "error": f"ended with {code}" if code else ""}


def start(tools, cell, argv, port, log):
    """Milliseconds of CPU from exec to the first answer."""
    proxy = procs.Proc(argv, PROXY_CPU, log)
    try:
        proxy.await_port(port)
        value = procs.cpu_ns(proxy.pids()) / 1e6
        r = load(tools, cell, port, ["-c", "1", "-n", "1"])
    finally:
        proxy.stop()
    return {"value": value, "errors": r["errors"], "error": r.get("error", "")}
