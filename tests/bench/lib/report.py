"""Results as text for the eye, as a table for the manual, as JSON for the next program."""

import json

from . import cells

UNITS = {"cpu": "us", "idle": "B", "config": "ms", "start": "ms"}


def number(v):
    if v is None:
        return "-"
    return f"{v:,.0f}" if abs(v) >= 100 else f"{v:.1f}" if abs(v) >= 1 else f"{v:.2f}"


def show(cell, results):
    """One cell, as soon as it is there."""
    print(f"{cell.name}: {cell.what}")
    for name, r in results.items():
        ratio = f"weir/{name} {r['ratio']:.2f}" if "ratio" in r else ""
        line = f"  {name:8} {number(r['value']):>8} {UNITS[cell.kind]:3} {ratio:18}"
        if cell.kind == "cpu":
            line += (f" user {100 * (r['user'] or 0):3.0f}% {number(r['rps']):>8}/s p50 {number(r['p50']):>6} us"
                     f" p99 {number(r['p99']):>6} us  {(r['memory'] or 0) / 1e6:5.1f} MB")
        if r["errors"]:
            line += f"  FAILED: {r['errors']} errors, {r['error']}"
        print(line)
        if r["syscalls"]:
            total = sum(r["syscalls"].values())
            parts = " ".join(f"{k} {v:.2f}" for k, v in list(r["syscalls"].items())[:8])
            print(f"           {total:.2f} system calls: {parts}")
    print(flush=True)


def failed(results):
    """Names of cells in which somebody's answers were wrong."""
    return [f"{name}/{who}" for name, cell in results.items() for who, r in cell["results"].items() if r["errors"]]


def as_json(chosen, results, about):
    named = {c.name: {"what": c.what, "unit": UNITS[c.kind], "target": c.target, "results": results[c.name]}
             for c in chosen if c.name in results}
    return {"about": about, "cells": named}


def markdown(data):
    """The table of doc/performance.md."""
    peers = ["weir", "haproxy", "nginx", "h2o", "nghttpx"]
    lines = ["| cell | what | unit | " + " | ".join(peers) + " | weir/haproxy | wanted |", "|---|---|---" + "|---:" * 7
             + "|"]
    for name, c in data["cells"].items():
        values = [number(c["results"][p]["value"]) + (" (failed)" if c["results"][p]["errors"] else "")
                  if p in c["results"] else "-" for p in peers]
        ratio = c["results"].get("haproxy", {}).get("ratio")
        lines.append(f"| {name} | {c['what']} | {c['unit']} | " + " | ".join(values)
                     + f" | {f'{ratio:.2f}' if ratio else '-'} | {c['target']:.2f} |")
    return "\n".join(lines)


def with_last(path, now):
    """The cells measured now among those of the last run, in the order of the table."""
    last = json.loads(path.read_text())["cells"] if path.exists() else {}
    both = {**last, **now}
    return {c.name: both[c.name] for c in cells.CELLS if c.name in both}


def save(path, data):
    with open(path, "w", encoding="utf-8") as out:
        json.dump(data, out, indent=1)
        out.write("\n")
