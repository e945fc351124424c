"""The read side of issue 5: small objects, 304, 404, redirects and large files beside nginx, in one run.

    python3 Benchmarks/read_side.py --server .build/release/quetz [--seconds 3] [--rounds 3] [--peers]

Everything is on loopback and on the same cores. Each workload is run in turn on both servers, several times; the figures
are medians, and only the ratio means anything on a shared machine. `--peers` adds the original server.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests" / "ScriptSupport"))
import environment  # noqa: E402

environment.enter()
import artifacts  # noqa: E402
import msgpack  # noqa: E402
import read_upstream  # noqa: E402
import wrk  # noqa: E402
import zstandard  # noqa: E402
from channel import Connections  # noqa: E402
from deployment import Deployment  # noqa: E402
from nginx_peer import NginxPeer  # noqa: E402

SMALL = [("shard of 2 KB", 16), ("shard of 2 KB", 256), ("304", 16), ("304", 256), ("404", 16), ("404", 256),
         ("307 redirect", 16), ("307 redirect", 256), ("private shard, key", 16)]
LARGE = [("package of 100 MB", 1), ("package of 100 MB", 16), ("repodata.json.zst of 40 MB", 1),
         ("repodata.json.zst of 40 MB", 16)]


class Ours:
    """A deployment with the files that the workloads ask for."""

    def __init__(self, server: Path, folder: Path):
        self.deployment = Deployment(server, folder / "ours")
        self.deployment.create(role="admins")
        self.deployment.start()

    def fill(self) -> None:
        self.call("POST", "/api/channels", b'{"name": "bench", "private": false}')
        self.call("POST", "/api/channels", b'{"name": "closed", "private": true}')
        small = [artifacts.make("small", f"1.{number}", "0", payload=b"x") for number in range(8)]
        for channel in ("bench", "closed"):
            for artifact in small:
                self.upload(channel, artifact)
        self.upload("bench", artifacts.make("large", "1.0", "0", payload=os.urandom(100_000_000)))
        # A document of 40 MB would need a channel like conda-forge; a package of that size is read the same way.
        self.upload("bench", artifacts.make("medium", "1.0", "0", payload=os.urandom(40_000_000)))

    def upload(self, channel: str, artifact: artifacts.Artifact) -> None:
        self.call("POST", f"/api/channels/{channel}/upload/{artifact.file_name}?sha256={artifact.sha256}", artifact.data)

    def call(self, method: str, path: str, body: bytes | None = None, expected: int = 201) -> bytes:
        answer = Connections(self.url, timeout=120).request(method, path, body, {"X-API-Key": self.deployment.key})
        if answer.status != expected:
            sys.exit(f"bench: {method} {path} was answered {answer.status}: {answer.body[:200]!r}")
        return answer.body

    def shard(self, channel: str) -> tuple[str, bytes]:
        data = self.call("GET", f"/get/{channel}/noarch/repodata_shards.msgpack.zst", expected=200)
        index = msgpack.unpackb(zstandard.ZstdDecompressor().decompressobj().decompress(data))
        path = f"/get/{channel}/noarch/shards/{index['shards']['small'].hex()}.msgpack.zst"
        return path, self.call("GET", path, expected=200)

    @property
    def url(self) -> str:
        return self.deployment.url

    @property
    def pids(self) -> list[int]:
        return [self.deployment.pid]


def workloads(ours: Ours, folder: Path) -> tuple[dict[str, tuple], dict[str, Path]]:
    """What each workload asks of us and of nginx: (our path, our headers, nginx's path, nginx's headers)."""
    shard, data = ours.shard("bench")
    closed, _ = ours.shard("closed")
    (folder / "shard").write_bytes(data)
    files = {"shard": folder / "shard"}
    large = "/get/bench/noarch/large-1.0-0.conda"
    medium = "/get/bench/noarch/medium-1.0-0.conda"
    for name, path in (("large", large), ("medium", medium)):
        (folder / name).write_bytes(ours.call("GET", path, expected=200))
        files[name] = folder / name
    etag = etag_of(ours.url, shard)
    return {
        "shard of 2 KB": (shard, {}, "/shard", {}),
        "304": (shard, {"If-None-Match": etag}, "/shard", {"If-None-Match": None}),
        "404": ("/get/bench/noarch/missing-1-0.conda", {}, "/missing", {}),
        "307 redirect": ("/get/bench/noarch/small-1.1-0.conda", {}, "/redirect", {}),
        "private shard, key": (closed, {"X-API-Key": ours.deployment.key}, "/shard", {}),
        "package of 100 MB": (large, {}, "/large", {}),
        "repodata.json.zst of 40 MB": (medium, {}, "/medium", {}),
    }, files


def etag_of(url: str, path: str) -> str:
    return Connections(url).request("HEAD", path).headers["ETag"]


def compare(name: str, connections: int, ours: Ours, nginx: NginxPeer, work: tuple, options) -> float:
    """Prints a row; our rate, in requests or bytes per second."""
    path, headers, peer_path, peer_headers = work
    if "If-None-Match" in peer_headers:
        peer_headers = {"If-None-Match": etag_of(nginx.url, peer_path)}
    mine, theirs = [], []
    wrk.run(ours.url + path, ours.pids, connections, 1, headers)
    for _ in range(options.rounds):
        mine.append(wrk.run(ours.url + path, ours.pids, connections, options.seconds, headers))
        theirs.append(wrk.run(nginx.url + peer_path, nginx.pids, connections, options.seconds, peer_headers))
    is_large = (name, connections) in LARGE
    field = "bytes_per_second" if is_large else "requests_per_second"
    ratio = wrk.median(mine, field) / wrk.median(theirs, field)
    if is_large:
        figures = " | ".join(
            f"{wrk.median(loads, field) / 1e6:,.0f} MB/s, {wrk.median(loads, 'cpu_per_gigabyte'):.2f} CPU s/GB"
            for loads in (mine, theirs))
    else:
        figures = " | ".join(
            f"{wrk.median(loads, field):,.0f}/s, p99 {wrk.median(loads, 'p99_seconds') * 1e3:.1f} ms"
            for loads in (mine, theirs))
    failed = sum(load.unexpected for load in mine) if name != "404" else 0
    print(f"| {name}, {connections} connections | {figures} | {ratio:.2f} |" + (f" {failed} failed" if failed else ""),
          flush=True)
    return wrk.median(mine, field)


def original(ours: dict[tuple[str, int], float], folder: Path, seconds: int) -> None:
    """The same work on the original server, which is asked last: it may be slow as long as it likes."""
    print("\n| Workload | quetz | quetz-server 0.10.4 | ratio |\n| --- | --- | --- | --- |")
    for name, load in read_upstream.rates(folder, seconds).items():
        if (rate := ours.get((name, read_upstream.CONNECTIONS))) is None:
            continue
        figures = f"{rate:,.0f}/s | {load.requests_per_second:,.1f}/s, p99 {load.p99_seconds * 1e3:.0f} ms"
        print(f"| {name}, {read_upstream.CONNECTIONS} connections | {figures} | {rate / load.requests_per_second:,.0f} |",
              flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="a part of a workload's name")
    parser.add_argument("--peers", action="store_true", help="run the original server as well")
    options = parser.parse_args()
    rates: dict[tuple[str, int], float] = {}
    folder = Path(tempfile.mkdtemp(prefix="quetz-bench-"))
    ours = Ours(options.server, folder)
    try:
        ours.fill()
        works, files = workloads(ours, folder)
        with NginxPeer(folder / "nginx", files) as nginx:
            print("| Workload | quetz | nginx | ratio |\n| --- | --- | --- | --- |")
            for name, connections in SMALL + LARGE:
                if options.only not in name:
                    continue
                if name.startswith("307"):
                    restart(ours, "true")
                rates[name, connections] = compare(name, connections, ours, nginx, works[name], options)
                if name.startswith("307"):
                    restart(ours, "false")
        if options.peers:
            original(rates, folder, options.seconds)
    finally:
        if ours.deployment.is_running:
            ours.deployment.stop()
        shutil.rmtree(folder)


def restart(ours: Ours, redirects: str) -> None:
    ours.deployment.stop()
    ours.deployment.variables |= {
        "QUETZ_LOCAL_STORE_REDIRECT_ENABLED": redirects,
        "QUETZ_LOCAL_STORE_REDIRECT_SECRET": "a secret, shared with nginx",
    }
    ours.deployment.start()


if __name__ == "__main__":
    main()
