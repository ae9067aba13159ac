"""Who sends requests: clients that check every byte, and wrk, h2load and ab where they are installed."""
import re
import shutil
import socket
import subprocess
import threading
import time

from .world import body, number


def start(argv):
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Checker(threading.Thread):
    """A client that knows every byte. Counts what went well, what was cut in the middle, and what was lost."""

    def __init__(self, port, size, upload, until):
        super().__init__(daemon=True)
        self.port, self.size, self.upload, self.until = port, size, upload, until
        self.good, self.cut, self.lost = 0, 0, []
        self.start()

    def run(self):
        while time.time() < self.until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 30) as s:
                    s.settimeout(30)
                    while time.time() < self.until and self.exchange(s):
                        pass
            except OSError as e:
                self.lost.append(repr(e))

    def exchange(self, s):
        if self.upload:
            head = b"POST /100 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % self.upload
        else:
            head = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % self.size
        try:
            s.sendall(head + body(self.upload))
        except OSError:
            if not self.upload:
                raise
        got = b""
        while b"\r\n\r\n" not in got:
            piece = s.recv(65536)
            if not piece:
                self.fail("closed after %d bytes of the head" % len(got))
                return False
            got += piece
        head, got = got.split(b"\r\n\r\n", 1)
        status = int(head.split()[1])
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head).group(1))
        pieces, n = [got], len(got)
        while n < length:
            try:
                piece = s.recv(262144)
            except ConnectionResetError:
                piece = b""
            if not piece:
                break
            pieces.append(piece)
            n += len(piece)
        got = b"".join(pieces)
        if status != 200:
            self.fail("status %d" % status)
        elif got != body(length)[:len(got)]:
            self.lost.append("CORRUPTED answer of %d bytes" % len(got))
        elif len(got) < length:
            self.cut += 1
        else:
            self.good += 1
        return len(got) == length and b"onnection: close" not in head

    def fail(self, why):
        """An upload cannot be kept whole, so it cannot be sent again."""
        if self.upload:
            self.cut += 1
        else:
            self.lost.append(why)


class Tools:
    """wrk, h2load and ab at the same time; what they complain about."""

    def __init__(self, weir, seconds, conns, size, upload=None, few=False):
        url = "http://127.0.0.1:%d/%d" % (weir.fe, size)
        h2url = "http://127.0.0.1:%d/%d" % (weir.h2, size)
        d, each = str(int(seconds)), max(1, conns // 4)
        self.runs = []
        if shutil.which("wrk"):
            self.runs.append(("wrk", start(["wrk", "-t1", "-c%d" % each, "-d" + d + "s", "--timeout", "20s", url])))
        if shutil.which("h2load"):
            self.runs.append(("h2load", start(["h2load", "-t1", "-c%d" % each, "-m10", "-D" + d] +
                                               (["-d", upload] if upload else []) + [h2url])))
            self.runs.append(("h2load --h1", start(["h2load", "--h1", "-t1", "-c%d" % each, "-D" + d, url])))
        if shutil.which("ab") and not few:
            post = ["-p", upload, "-T", "application/octet-stream"] if upload else []
            self.runs.append(("ab", start(["ab", "-k", "-r", "-q", "-s", "20", "-c", str(each), "-t", d, "-n",
                                           "100000000"] + post + [url])))

    def end(self):
        """(requests, list of complaints)"""
        total, bad = 0, []
        for name, p in self.runs:
            text = p.communicate(timeout=120)[0]
            if name == "wrk":
                total += number(r"(\d+) requests in", text)
                bad += ["wrk: " + line.strip() for line in text.split("\n") if "Non-2xx" in line or "Socket errors" in line]
            elif name == "ab":
                total += number(r"Complete requests:\s+(\d+)", text)
                n = number(r"Non-2xx responses:\s+(\d+)", text) + number(r"Failed requests:\s+(\d+)", text)
                if n:
                    bad.append("ab: %d failed" % n)
            else:
                total += number(r"(\d+) succeeded", text)
                wrong = number(r"(\d+) 4xx", text) + number(r"(\d+) 5xx", text)
                if wrong or number(r"(\d+) errored", text):
                    bad.append("%s: %d wrong statuses, %d errored" % (name, wrong, number(r"(\d+) errored", text)))
        return total, bad
