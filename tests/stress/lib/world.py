"""A weir, or another proxy of the same language, with its three servers, who disturbs them, and what it logs."""
import collections
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

CONFIG = """
global
  nbthread 2
  maxconn 6000
  stats socket {sock} level admin
defaults
  mode http
  timeout client 20s
  timeout server {timeout}
  timeout connect 3s
  timeout queue 10s
  timeout check 3s
  retries {retries}
  option redispatch 1
  retry-on all-retryable-errors
  option dontlog-normal
  log 127.0.0.1:{log} local0
  log-format "EV %ts %ST %rc %s %HM %U %B %Tw/%Tc/%Tr/%Ta %t %HU"
  default-server check inter 2s fastinter 500ms fall 4 rise 1 pool-purge-delay 300ms max-reuse 1000
frontend fe
  bind 127.0.0.1:{fe}
  bind 127.0.0.1:{h2} proto h2
  {front}
  default_backend be
backend be
  {extra}
  server s1 127.0.0.1:{p0}
  server s2 127.0.0.1:{p1}
  server s3 127.0.0.1:{p2}
"""


def free_ports(n):
    socks = [socket.socket() for _ in range(n)]
    for s in socks:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def pattern():
    x, out = 1, bytearray()
    for _ in range(65521):
        x = (x * 1664525 + 1013904223) & 0xffffffff
        out.append(ord("!") + (x >> 24) % 90)
    return bytes(out)


PATTERN = pattern()


def body(n):
    return (PATTERN * (n // len(PATTERN) + 1))[:n]


class Origin:
    """A server that can be killed, frozen, or replaced by one that misbehaves."""

    def __init__(self, tools, port):
        self.tools, self.port, self.process = tools, port, None
        self.start()

    def start(self):
        self.process = subprocess.Popen([os.path.join(self.tools, "bench_origin"), str(self.port)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self, seconds):
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def impostor(self, seconds, answer, reset):
        """Answers everything, checks too, with the same bytes, and closes or resets."""
        self.kill()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(256)
        listener.settimeout(0.1)
        until = time.time() + seconds
        while time.time() < until:
            try:
                c = listener.accept()[0]
            except TimeoutError:
                continue
            try:
                c.settimeout(0.5)
                c.recv(65536)
                c.sendall(answer)
                if reset:
                    time.sleep(0.005)
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            c.close()
        listener.close()
        self.start()


GARBAGE = b"\0\1\2 this is not HTTP\r\n\r\n"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body(500)


class Disturber(threading.Thread):
    """Does one thing after the other to one server after the other; the two others stay well."""

    def __init__(self, weir, origins, deeds):
        super().__init__(daemon=True)
        self.weir = weir
        self.origins, self.deeds, self.over, self.done = origins, deeds, False, 0
        self.start()

    def run(self):
        i = 0
        while not self.over:
            origin = self.origins[i % len(self.origins)]
            deed = self.deeds[i // len(self.origins) % len(self.deeds)]
            if deed == "kill":
                origin.kill()
                time.sleep(0.4)
                origin.start()
            elif deed == "flap":
                for _ in range(3):
                    origin.kill()
                    time.sleep(0.1)
                    origin.start()
                    time.sleep(0.1)
            elif deed == "freeze":
                origin.freeze(0.5)
            elif deed == "garbage":
                origin.impostor(0.5, GARBAGE, False)
            elif deed == "silence":
                origin.impostor(0.5, b"", False)
            elif deed == "cut":
                origin.impostor(0.5, HALF, True)
            self.done += 1
            i += 1
            self.recover(origin)

    def recover(self, origin):
        """The next one is not disturbed before this one serves, and weir knows."""
        until = time.time() + 10
        while time.time() < until:
            try:
                socket.create_connection(("127.0.0.1", origin.port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(0.6)
        while time.time() < until and not self.over and any(
                not row["status"].startswith("UP") for key, row in self.weir.stat().items() if key[1] in ("s1", "s2", "s3")):
            time.sleep(0.2)

    def stop(self):
        self.over = True
        self.join()


class Commander(threading.Thread):
    """Changes servers by the command socket all the time: some come and go, the others rest, drain, change weight."""

    def __init__(self, weir, origins):
        super().__init__(daemon=True)
        self.weir, self.origins, self.over, self.done, self.wrong = weir, origins, False, 0, []
        self.start()

    def ask(self, line, want=""):
        got = self.weir.ask(line).strip()
        if want not in got or (not want and got):
            self.wrong.append("%s: %s" % (line, got))
        self.done += 1

    def run(self):
        i = 0
        while not self.over:
            i += 1
            name, other = "be/n%d" % i, "be/s%d" % (i % 3 + 1)
            self.ask("add server %s 127.0.0.1:%d check inter 50ms weight %d" %
                     (name, self.origins[i % 3].port, i % 5 + 1), "New server registered.")
            self.ask("enable server " + name)
            self.ask("enable health " + name)
            self.ask("set server %s state drain" % other)
            self.ask("set server %s weight %d" % (other, i % 7 + 1))
            time.sleep(0.1)
            self.ask("set server %s state ready" % other)
            self.ask("set maxconn server %s %d" % (other, (0, 50)[i % 2]))
            self.ask("disable server " + name)
            self.ask("show servers state", "be")
            self.ask("show stat", "pxname")
            self.ask("wait 10s srv-removable " + name, "Done.")
            self.ask("del server " + name, "Server deleted.")
        for i in 1, 2, 3:
            self.ask("set maxconn server be/s%d 0" % i)

    def stop(self):
        self.over = True
        self.join()


class Event:
    """One line of the log about an exchange that did not go straight."""
    def __init__(self, line):
        words = line.split()
        self.line = line
        self.state, self.status, self.retries, self.server, self.method = words[:5]
        self.uploaded = int(words[5].lstrip("+"))

    def kind(self):
        """'fine': retried, and well then; 'gone': the client went; 'cut': it had gone too far to be tried again; 'lost'."""
        if self.state[0] == "-":
            return "fine"
        if self.state[0] == "C":
            return "gone"
        if self.state[:2] in ("SD", "sD") or (self.state[:2] in ("SH", "SC", "PH") and self.uploaded > KEPT):
            return "cut"
        return "lost"


KEPT = 14000    # bytes of a request that may be kept, to be sent once more


class Events(threading.Thread):
    """What the proxy logs of exchanges that were retried, cut, ended by someone, counted by kind."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", socket.SO_RCVBUF), 8 << 20)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()
        self.seen = collections.Counter()
        self.examples = {}
        self.start()

    def run(self):
        while True:
            text = self.sock.recv(4096).decode(errors="replace")
            if " EV " not in text:
                continue
            line = text.split(" EV ", 1)[1].strip()
            event = Event(line)
            key = (event.kind(), event.state, event.status, event.method)
            with self.lock:
                self.seen[key] += 1
                self.examples.setdefault(key, line)
                self.file.write(line + "\n")

    def take(self):
        """(kinds counted, all counted, an example for each) since the last call."""
        with self.lock:
            seen, examples = self.seen, self.examples
            self.seen, self.examples = collections.Counter(), {}
            self.file.flush()
        kinds = collections.Counter()
        for key, n in seen.items():
            kinds[key[0]] += n
        return kinds, seen, examples


class Memory(threading.Thread):
    """The most that a process was seen to hold."""

    def __init__(self, weir):
        super().__init__(daemon=True)
        self.weir, self.peak, self.over = weir, 0, False
        self.start()

    def run(self):
        while not self.over:
            self.peak = max(self.peak, self.weir.rss())
            time.sleep(0.1)

    def stop(self):
        self.over = True
        self.join()
        return self.peak


class Weir:
    def __init__(self, program, where, origins, extra="", front="", timeout="3s", retries=5):
        self.fe, self.h2 = free_ports(2)
        self.sock = os.path.join(where, "sock")
        self.errors = os.path.join(where, "stderr")
        self.events = Events(os.path.join(where, "events"))
        config = os.path.join(where, "weir.cfg")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(sock=self.sock, log=self.events.port, fe=self.fe, h2=self.h2, extra=extra, front=front,
                                  timeout=timeout, retries=retries,
                                  **{"p%d" % i: o.port for i, o in enumerate(origins)}))
        with open(self.errors, "w", encoding="utf-8") as err:
            self.process = subprocess.Popen([program, "-db", "-f", config], stderr=err)
        for _ in range(200):
            if os.path.exists(self.sock):
                break
            time.sleep(0.05)
        time.sleep(0.3)
        if self.process.poll() is not None:
            with open(self.errors, encoding="utf-8") as f:
                sys.exit(f.read())

    def ask(self, line):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(10)
        s.connect(self.sock)
        s.sendall(line.encode() + b"\n")
        s.shutdown(socket.SHUT_WR)
        out = b""
        while piece := s.recv(65536):
            out += piece
        s.close()
        return out.decode()

    def stat(self):
        lines = self.ask("show stat").strip().split("\n")
        names = lines[0][2:].split(",")
        return {(v[0], v[1]): dict(zip(names, v)) for v in (line.split(",") for line in lines[1:])}

    def rss(self):
        with open("/proc/%d/status" % self.process.pid, encoding="utf-8") as f:
            return number(r"VmRSS:\s+(\d+)", f.read())

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def memory_back(self, before, seconds, slack):
        """Waits until the memory is within a tenth, or slack kB, of what it was; (kB then, seconds it took or None)."""
        began = time.time()
        while (now := self.rss()) > max(before * 1.1, before + slack):
            if time.time() - began > seconds:
                return now, None
            time.sleep(0.5)
        return now, time.time() - began

    def at_rest(self, looks):
        """The least memory seen once all has gone, kB: some of it is given back later (a look each 3.5 s)."""
        self.settle(30)
        low = self.rss()
        for _ in range(looks):
            time.sleep(3.5)
            low = min(low, self.rss())
        return low

    def leftovers(self):
        """What should be nothing once all clients have gone."""
        left = []
        for key, row in self.stat().items():
            for name in ("qcur", "scur", "used_conn_cur"):
                if row.get(name) not in ("0", "", None):
                    left.append("%s/%s %s=%s" % (*key, name, row[name]))
        m = re.search(r"CurrConns: (\d+)", self.ask("show info"))
        if m and m.group(1) != "0":
            left.append("CurrConns=" + m.group(1))
        return left

    def settle(self, seconds=10):
        until = time.time() + seconds
        while (left := self.leftovers()) and time.time() < until:
            time.sleep(0.2)
        return left

    def stop(self):
        self.process.send_signal(signal.SIGUSR1)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "did not end"





def number(pattern_, text):
    m = re.search(pattern_, text)
    return int(m.group(1)) if m else 0
