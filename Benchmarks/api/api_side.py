#!/usr/bin/env python3
"""Requests per second and p99 of two anonymous API routes, of this server and of upstream's, on the same rows.

    api_side.py --server .build/release/quetz [--alone] [--requests 100000]

Both run on loopback, one after the other, each asked by `wrk` over 16 kept connections. The slower server is measured
for a bounded time instead of the whole number of requests. Prints a table; it is no test and fails only if a server
does not answer.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parents[1] / "Tests" / "ScriptSupport"), str(HERE.parent)]

from deployment import Deployment  # noqa: E402
from filling import Size, fill_ours, fill_upstream  # noqa: E402
from upstream import Upstream  # noqa: E402

ROUTES = {
    "channels": ("/api/channels", None),
    "search": ("/api/packages/search/?q=lib0123", None),
    "search, 1,000 texts": ("/api/packages/search/?q=lib0", "q"),
}
VARIED = """
local n = 0
request = function()
  n = (n + 1) % 1000
  return wrk.format("GET", string.format("/api/packages/search/?q=lib%04d", n))
end
"""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Result:
    requests: int
    per_second: float
    p99_ms: float


def measure(url: str, path: str, requests: int, longest: float, script: Path | None) -> Result:
    """About `requests` requests, but at most `longest` seconds of them."""
    sample = wrk(url + path, 3, script)
    if sample.requests < 100:  # too few to tell how long all of them take
        return wrk(url + path, longest, script)
    return wrk(url + path, min(longest, max(3.0, 1.3 * requests / sample.per_second + 1)), script)


def wrk(url: str, seconds: float, script: Path | None) -> Result:
    command = ["wrk", "--latency", "-t", "1", "-c", "16", "-d", f"{seconds:.0f}s", "--timeout", "60s"]
    command += ["-s", str(script)] if script else []
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        sys.exit(f"{url}: wrong answers\n{text}")
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", text).groups()
    return Result(
        int(re.search(r"(\d+) requests in", text).group(1)),
        float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), float(p99) * UNITS[unit])


def run(name: str, url: str, options: argparse.Namespace, script: Path) -> dict[str, Result]:
    results = {}
    for route, (path, is_varied) in ROUTES.items():
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            body = answer.read()
        count = len(json.loads(body))
        results[route] = result = measure(url, path, options.requests, options.longest, script if is_varied else None)
        print(f"{name:9} {route:20} {result.requests:8} requests {result.per_second:10.1f}/s  p99 {result.p99_ms:8.2f} ms"
              f"  ({count} items, {len(body)} bytes)", flush=True)
    return results


def ours(options: argparse.Namespace, size: Size, folder: Path, script: Path) -> dict[str, Result]:
    deployment = Deployment(options.server, folder / "ours", ("--log-level", "warning"))
    deployment.create()
    fill_ours(next(deployment.folder.glob("*.sqlite")), size)
    deployment.start()
    try:
        return run("ours", deployment.url, options, script)
    finally:
        deployment.kill()


def upstream(options: argparse.Namespace, size: Size, folder: Path, script: Path) -> dict[str, Result]:
    with Upstream(folder, lambda database: fill_upstream(database, size), options.supervisor) as peer:
        return run("upstream", peer.url, options, script)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--alone", action="store_true", help="measure this server only")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--longest", type=float, default=60, help="seconds that one route may take")
    parser.add_argument("--size", type=int, nargs=3, default=[1000, 50_000, 500_000],
                        metavar=("CHANNELS", "PACKAGES", "ARTIFACTS"))
    parser.add_argument("--supervisor", action="store_true", help="let upstream run its supervisor beside the server")
    options = parser.parse_args()
    size = Size(*options.size)
    folder = Path(tempfile.mkdtemp(prefix="quetz-bench-api-"))
    script = folder / "varied.lua"
    script.write_text(VARIED)
    try:
        mine = ours(options, size, folder, script)
        theirs = {} if options.alone else upstream(options, size, folder, script)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for route in theirs:
        print(f"ratio     {route:20} {mine[route].per_second / theirs[route].per_second:10.1f} times the requests/s, "
              f"p99 1/{theirs[route].p99_ms / mine[route].p99_ms:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
