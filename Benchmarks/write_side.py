"""The write side of issue 5: upload latency, parallel uploads, freshness, start and memory.

    python3 Benchmarks/write_side.py --server .build/release/quetz --big DEPLOYMENT [--channel bench]

`--big` is a deployment filled by `make bench-fill` (500,000 records); it is changed by the uploads. Everything runs on
loopback, one server at a time, and takes a few minutes at most.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
import environment  # noqa: E402

environment.enter()
import upload_load as load  # noqa: E402


class Server:
    """A server of ours on a free port."""

    def __init__(self, program: str, deployment: str):
        start = time.perf_counter()
        self.process = subprocess.Popen(
            [program, "start", deployment, "--port", "0", "--log-level", "warning"], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.search(r":(\d+)\s*$", line)
        if not match:
            raise RuntimeError(f"the server did not start: {line!r}")
        self.port = int(match.group(1))
        self.get("/health/live", quiet=True)
        self.start_seconds = time.perf_counter() - start

    def get(self, path: str, quiet: bool = False) -> bytes:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as response:
                return response.read()
        except urllib.error.HTTPError:
            if quiet:
                return b""
            raise

    def etag(self, path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method="HEAD")
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.headers["ETag"]

    def memory_mb(self, field: str = "VmRSS") -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", text).group(1)) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def key_for(program: str, deployment: str) -> str:
    return run(program, "create-user", deployment, "bench-uploader", "--role", "owner").split(": ")[-1].strip()


def fresh(program: str, root: str, name: str, records: int) -> tuple[str, str]:
    """A new deployment with channel `bench`, and a key for it."""
    path = os.path.join(root, name)
    run(program, "create", path, "--create-conf")
    run(program, "bench-fill", path, "bench", "--records", str(max(1, records)))
    return path, key_for(program, path)


def latency(server: Server, key: str, channel: str, tag: str, count: int) -> tuple[float, float]:
    load.one_by_one(server.port, key, channel, load.packages(20, tag + "-warm"))
    return load.summary(load.one_by_one(server.port, key, channel, load.packages(count, tag)))


def freshness(server: Server, key: str, channel: str, tag: str) -> float:
    """Seconds from a 201 to another repodata.json.zst."""
    path = f"/get/{channel}/linux-64/repodata.json.zst"
    before = server.etag(path)
    load.one_by_one(server.port, key, channel, load.packages(1, tag))
    start = time.perf_counter()
    while server.etag(path) == before:
        if time.perf_counter() - start > 120:
            raise RuntimeError("repodata.json.zst did not follow within two minutes")
        time.sleep(0.02)
    return time.perf_counter() - start


def settle(server: Server, channel: str) -> None:
    """Waits until the documents have followed."""
    path = f"/get/{channel}/linux-64/repodata.json.zst"
    last, since = None, time.perf_counter()
    while time.perf_counter() - since < 12:
        tag = server.etag(path)
        if tag != last:
            last, since = tag, time.perf_counter()
        time.sleep(0.2)


def plain_loops(root: str, count: int, loops: int) -> float:
    """Files per second of loops that only write, fsync and rename."""
    # Nothing is deleted before the end: ext4 without a journal looks for inodes that were not freed lately, for long.
    folder = tempfile.mkdtemp(prefix="plain-", dir=root)
    data = os.urandom(20_000)

    def work(number: int) -> None:
        for index in range(count // loops):
            path = f"{folder}/t{number}-{index}"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
            os.write(descriptor, data)
            os.fsync(descriptor)
            os.close(descriptor)
            os.rename(path, f"{folder}/f{number}-{index}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(loops)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=".build/release/quetz")
    parser.add_argument("--big", help="a deployment filled with 500,000 records")
    parser.add_argument("--channel", default="bench")
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="quetz-bench-")
    stamp = format(int(time.time()), "x")
    try:
        path, key = fresh(options.server, root, "empty", 1)
        server = Server(options.server, path)
        empty = latency(server, key, "bench", f"e{stamp}", options.uploads)
        server.stop()
        print(f"upload into an empty channel: median {empty[0]:.2f} ms, p99 {empty[1]:.2f} ms", flush=True)
        if options.big:
            big_key = key_for(options.server, options.big)
            server = Server(options.server, options.big)
            print(f"large deployment: first answer after {server.start_seconds:.2f} s", flush=True)
            time.sleep(3)
            print(f"large deployment: idle memory {server.memory_mb():.0f} MB", flush=True)
            big = latency(server, big_key, options.channel, f"b{stamp}", options.uploads)
            print(f"upload into the large channel: median {big[0]:.2f} ms, p99 {big[1]:.2f} ms, "
                  f"ratio of medians {big[0] / empty[0]:.2f}", flush=True)
            settle(server, options.channel)
            times = []
            for number in range(options.rounds):
                times.append(freshness(server, big_key, options.channel, f"f{stamp}x{number}"))
                settle(server, options.channel)
            print(f"201 to repodata.json.zst: median {statistics.median(times):.2f} s, worst {max(times):.2f} s", flush=True)
            print(f"large deployment: peak memory {server.memory_mb('VmHWM'):.0f} MB", flush=True)
            server.stop()
        path, key = fresh(options.server, root, "ten", 10_000)
        server = Server(options.server, path)
        ours, plain = [], []
        for number in range(options.rounds):
            plain.append(plain_loops(root, 1000, 8))
            work = load.packages(1000, f"p{stamp}x{number}")
            ours.append(load.in_parallel(server.port, key, "bench", work, 8))
        server.stop()
        ratio = statistics.median(ours) / statistics.median(plain)
        print(f"1,000 packages by 8 clients: {statistics.median(ours):.0f}/s; 8 plain loops "
              f"{statistics.median(plain):.0f}/s; ratio {ratio:.2f}", flush=True)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
