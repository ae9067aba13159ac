"""Processes: starting them on a CPU, what they have used, and their end."""

import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    """Below those the kernel gives to connections: one of them could take it before the server does."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10000, max(lowest, 10100))
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def pin(cpu):
    """The words in front of a command that keep it on one CPU (where there is more than one)."""
    cpus = sorted(os.sched_getaffinity(0))
    return [] if cpu is None or len(cpus) < 2 else ["taskset", "-c", str(cpus[cpu % len(cpus)])]


class Proc:
    """A server with its children, alone in a session, so that all of it can be ended."""

    def __init__(self, argv, cpu, log):
        self.argv = argv
        with open(log, "ab") as out:
            self.p = subprocess.Popen(pin(cpu) + argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                      start_new_session=True)
        self.log = log

    def await_port(self, port, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.p.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"{self.argv[0]} does not listen: {pathlib.Path(self.log).read_text()[-200:]}")

    def pids(self):
        return tree(self.p.pid)

    def stop(self):
        for sig in (signal.SIGTERM, signal.SIGKILL):
            if self._group(sig):
                return

    def _group(self, sig):
        try:
            os.killpg(self.p.pid, sig)
            self.p.wait(3)
            os.killpg(self.p.pid, 0)
            time.sleep(0.2)
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            return True
        except subprocess.TimeoutExpired:
            return False
        return True


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for p in found:
        for task in pathlib.Path(f"/proc/{p}/task").glob("*/children"):
            try:
                found += [int(c) for c in task.read_text().split()]
            except OSError:
                pass
    return found


def cpu_ns(pids):
    """Nanoseconds on a CPU so far, of all threads."""
    total = 0
    for pid in pids:
        for f in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                total += int(f.read_text().split()[0])
            except OSError:
                pass
    return total


def cpu_split(pids):
    """Seconds in user mode and in the kernel, by the kernel's ticks: for the shares only."""
    user = system = 0
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        user += int(fields[11])
        system += int(fields[12])
    return user / TICK, system / TICK


def resident(pids):
    """Bytes of memory of their own (anonymous)."""
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        found = re.search(r"RssAnon:\s+(\d+) kB", text)
        total += int(found.group(1)) * 1024 if found else 0
    return total
