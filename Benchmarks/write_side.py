"""The write side of issue 5: upload latency, parallel uploads, freshness, a full build, start and memory.

    python3 Benchmarks/write_side.py --server .build/release/quetz [--big DEPLOYMENT] [--peers]

`--big` is a deployment with a channel `bench` that `make bench-fill` filled (500,000 records); the uploads change it. Without
it one is made, filled (ten minutes) and kept in `.build-bench` of the repository. `--peers` also runs the original server and
`rattler.index.index_fs`, which are fetched from PyPI once, and solves over what both made; that takes twenty minutes. Everything is on loopback, one server at a
time; only the ratios mean anything on a shared machine.
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


def parallel(program: str, root: str, rounds: int, stamp: str) -> tuple[float, float]:
    """Packages per second by 8 clients into a channel of 10,000 records, and files per second of 8 plain loops."""
    path, key = fresh(program, root, "ten", 10_000)
    for store in ("packages", "documents"):  # a channel with files has all the folders
        for number in range(256):
            os.makedirs(f"{path}/{store}/sha256/{number:02x}", exist_ok=True)
    server = Server(program, path)
    ours, plain = [], []
    load.in_parallel(server.port, key, "bench", load.packages(100, f"w{stamp}"), 8)
    for number in range(rounds):
        plain.append(plain_loops(root, 1000, 8))
        ours.append(load.in_parallel(server.port, key, "bench", load.packages(1000, f"p{stamp}x{number}"), 8))
    server.stop()
    return statistics.median(ours), statistics.median(plain)


def row(what: str, ours: str, peer: str = "", ratio: str = "", target: str = "") -> None:
    print(f"| {what} | {ours} | {peer} | {ratio} | {target} |", flush=True)


def large(options: argparse.Namespace, empty: tuple[float, float], stamp: str) -> None:
    key = key_for(options.server, options.big)
    server = Server(options.server, options.big)
    row("start to the first answer, 500,000 records", f"{server.start_seconds:.2f} s", target="< 0.5 s")
    time.sleep(3)
    row("idle memory, 500,000 records", f"{server.memory_mb():.0f} MB", target="< 60 MB")
    figures = latency(server, key, options.channel, f"b{stamp}", options.uploads)
    row("upload into 500,000 records, median (p99)", f"{figures[0]:.2f} ms ({figures[1]:.1f} ms)",
        f"into an empty channel: {empty[0]:.2f} ms ({empty[1]:.1f} ms)", f"{figures[0] / empty[0]:.2f}", "≤ 2")
    settle(server, options.channel)
    times = []
    for number in range(options.rounds):
        times.append(freshness(server, key, options.channel, f"f{stamp}x{number}"))
        settle(server, options.channel)
    row("201 to `repodata.json.zst`, median (worst)", f"{statistics.median(times):.2f} s ({max(times):.2f} s)", target="≤ 5 s")
    row("peak memory meanwhile", f"{server.memory_mb('VmHWM'):.0f} MB", target="< 300 MB")
    server.stop()


def script_with_peers(name: str, options: argparse.Namespace) -> None:
    """Runs a script with an environment of its own; the packages of `index_fs` are kept beside the large deployment."""
    subprocess.run(
        [sys.executable, Path(__file__).with_name(name), "--server", options.server, "--deployment", options.big,
         "--channel", options.channel, "--packages", Path(options.big).with_name("packages")], check=True,
        env={name: value for name, value in os.environ.items() if name != "QUETZ_SCRIPT_ENVIRONMENT"})


def filled(program: str) -> str:
    """The kept deployment with 500,000 records, made at the first use."""
    path = Path(__file__).resolve().parents[1] / ".build-bench" / "big"
    if not path.exists():
        print(f"filling {path} with 500,000 records", file=sys.stderr, flush=True)
        path.parent.mkdir(exist_ok=True)
        making = str(path.with_name("making"))
        shutil.rmtree(making, ignore_errors=True)
        run(program, "create", making, "--create-conf")
        run(program, "bench-fill", making, "bench", "--records", "500000")
        os.rename(making, path)
    return str(path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default=".build/release/quetz")
    parser.add_argument("--big", help="a deployment filled with 500,000 records")
    parser.add_argument("--channel", default="bench")
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", action="store_true", help="run the original server and index_fs as well")
    options = parser.parse_args()
    options.big = options.big or filled(options.server)
    root = tempfile.mkdtemp(prefix="quetz-bench-", dir=Path(options.big).parent)
    stamp = format(int(time.time()), "x")
    print("| What | quetz | peer | ratio | target |\n| --- | --- | --- | --- | --- |", flush=True)
    try:
        path, key = fresh(options.server, root, "empty", 1)
        server = Server(options.server, path)
        empty = latency(server, key, "bench", f"e{stamp}", options.uploads)
        server.stop()
        large(options, empty, stamp)
        ours, plain = parallel(options.server, root, options.rounds, stamp)
        row("1,000 packages of 20 KB by 8 clients into 10,000 records", f"{ours:.0f}/s",
            f"8 loops of write, fsync, rename: {plain:.0f}/s", f"{ours / plain:.2f}", "≥ 0.5")
        if options.peers:
            import upload_peer
            theirs = upload_peer.uploads_per_second(Path(root), 10_000)
            row("the same", f"{ours:.0f}/s", f"quetz-server 0.10.4: {theirs:.3f}/s", f"{ours / theirs:.0f}", "≥ 500")
            # The full build, and solves over what both indexers made.
            for script in ("index_peer.py", "solve_side.py"):
                script_with_peers(script, options)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
