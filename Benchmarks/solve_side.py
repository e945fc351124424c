"""Solves by rattler over a channel of 500,000 records: ours, beside the same records written by `index_fs` behind nginx.

    python3 Benchmarks/solve_side.py --deployment DIR --packages FOLDER [--server …] [--rounds 5]

DIR is a deployment filled by `make bench-fill`; FOLDER has a package per record and is what `index_peer.py --packages FOLDER`
leaves. Both get `python` and `python_abi` first, which the records depend on. Where `index_fs` may not open as many files as
there are names, it makes the shards of a part of the names at a time, and their indexes are put together here. Its
`repodata.json` gets a `time_modified` for every record, which ours have (upstream Quetz's contract): 27 bytes of 570, which a
client that reads the whole file pays for by the byte. `--as-written` leaves it as `index_fs` wrote it.
Every solve has a process of its own; cold ones have an empty cache, warm ones the cache that the cold one left. Bytes are
those of the loopback interface, both directions: nothing else should use it meanwhile.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
import environment  # noqa: E402

environment.enter(environment.REQUIREMENTS | {"rattler": "py-rattler==0.28.0"}, home=".build-index-peer")
import artifacts  # noqa: E402
import index_peer  # noqa: E402
import msgpack  # noqa: E402
import upload_load  # noqa: E402
import write_side  # noqa: E402
import zstandard  # noqa: E402
from nginx_peer import NginxPeer  # noqa: E402

SPECS = {"one package of the middle": "pytools-1001", "the largest name": "libtools-0"}


def pythons() -> list[artifacts.Artifact]:
    """What every record of `bench-fill` depends on."""
    made = []
    for minor in (10, 11, 12):
        abi = f"{minor}.0"
        made.append(artifacts.make("python", f"3.{abi}", "0", subdir="linux-64"))
        made.append(artifacts.make("python_abi", f"3.{minor}", f"1_cp3{minor}", subdir="linux-64"))
    return made


def with_times(subdir: Path) -> Path:
    """A folder beside `subdir`'s with the same files, but for `repodata.json` with `time_modified`."""
    folder = subdir.parent.with_name("packages-with-times") / subdir.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for entry in (subdir / "shards", subdir / "repodata_shards.msgpack.zst"):
        (folder / entry.name).symlink_to(entry.resolve())
    data = (subdir / "repodata.json").read_bytes()
    data = data.replace(b',"timestamp":', b',"time_modified":1795754298,"timestamp":')
    (folder / "repodata.json").write_bytes(data)
    (folder / "repodata.json.zst").write_bytes(zstandard.ZstdCompressor(level=9, threads=2).compress(data))
    shutil.copytree(subdir.with_name("noarch"), folder.with_name("noarch"), dirs_exist_ok=True)
    return folder.parent


def prepare(server: write_side.Server, key: str, channel: str, packages: Path) -> None:
    uploader = upload_load.Uploader(server.port, key, channel)
    is_new = False
    for package in pythons():
        try:
            uploader.send(uploader.request(package))
        except RuntimeError as error:  # it is there from the last time
            if b" 409 " not in str(error).encode():
                raise
        target = packages / "linux-64" / package.file_name
        is_new |= not target.exists()
        target.write_bytes(package.data)
    if is_new or not (packages / "linux-64" / "repodata_shards.msgpack.zst").exists():
        if index_peer.can_write_shards(packages):
            index_peer.their_build(packages)
        else:
            if is_new:
                index_peer.their_build(packages, shards=False)
            shards_in_parts(packages)
    write_side.settle(server, channel)


def shards_in_parts(packages: Path, count: int = 3) -> None:
    subdir = packages / "linux-64"
    (subdir / "shards").mkdir(exist_ok=True)
    whole: dict = {}
    for number in range(count):
        part = Path(tempfile.mkdtemp(prefix="part-", dir=packages.parent))
        (part / "linux-64").mkdir()
        for name in os.listdir(subdir):
            if name.endswith((".conda", ".tar.bz2")) and zlib.crc32(name.rsplit("-", 2)[0].encode()) % count == number:
                os.link(subdir / name, part / "linux-64" / name)
        index_peer.their_build(part)
        index = (part / "linux-64" / "repodata_shards.msgpack.zst").read_bytes()
        made = msgpack.unpackb(zstandard.ZstdDecompressor().decompressobj().decompress(index))
        whole = made | {"shards": whole.get("shards", {}) | made["shards"]}
        for shard in (part / "linux-64" / "shards").iterdir():
            shard.rename(subdir / "shards" / shard.name)
        shutil.rmtree(part)
    (subdir / "repodata_shards.msgpack.zst").write_bytes(zstandard.ZstdCompressor(level=19).compress(msgpack.packb(whole)))


def loopback_bytes() -> int:
    for line in Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split(":")[1].split()[0])
    raise RuntimeError("there is no loopback interface in /proc/net/dev")


def solve(url: str, cache: Path, spec: str, shards: bool) -> tuple[float, int, int]:
    """Seconds, bytes, records."""
    command = [sys.executable, Path(__file__).with_name("solve_client.py"), url, cache, spec]
    before = loopback_bytes()
    done = subprocess.run([*command, *([] if shards else ["--no-shards"])], check=True, capture_output=True, text=True)
    seconds, records = done.stdout.split()
    return float(seconds), loopback_bytes() - before, int(records)


def compare(title: str, spec: str, shards: bool, urls: dict[str, str], rounds: int) -> None:
    results: dict[tuple[str, str], list[tuple[float, int, int]]] = {}
    for number in range(rounds):
        names = list(urls)
        for name in names if number % 2 else reversed(names):
            cache = Path(tempfile.mkdtemp(prefix="quetz-solve-"))
            for state in ("cold", "warm"):
                results.setdefault((name, state), []).append(solve(urls[name], cache, spec, shards))
            shutil.rmtree(cache)
    for state in ("cold", "warm"):
        ours, theirs = results["quetz", state], results["nginx", state]
        counts = {result[2] for result in ours + theirs}
        if len(counts) != 1:
            raise RuntimeError(f"the two channels have different solutions: {counts} records")
        mine, peer = (statistics.median(result[0] for result in of) for of in (ours, theirs))
        figures = [f"{seconds:.2f} s, {of[0][1] / 1e6:.2f} MB" for seconds, of in ((mine, ours), (peer, theirs))]
        kind = "shards" if shards else "repodata.json.zst"
        write_side.row(f"solve {title}, {kind}, {state}", figures[0], f"index_fs + nginx: {figures[1]}", f"{peer / mine:.2f}", "≥ 1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=".build/release/quetz")
    parser.add_argument("--deployment", type=Path, required=True)
    parser.add_argument("--channel", default="bench")
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--as-written", action="store_true", help="leave repodata.json of index_fs as it is")
    options = parser.parse_args()
    key = write_side.key_for(options.server, str(options.deployment))
    server = write_side.Server(options.server, str(options.deployment))
    folder = Path(tempfile.mkdtemp(prefix="quetz-bench-"))
    try:
        prepare(server, key, options.channel, options.packages)
        served = options.packages if options.as_written else with_times(options.packages / "linux-64")
        with NginxPeer(folder / "nginx", {"channel": served}) as nginx:
            urls = {"quetz": f"http://127.0.0.1:{server.port}/get/{options.channel}", "nginx": f"{nginx.url}/channel"}
            print("| What | quetz | peer | ratio | target |\n| --- | --- | --- | --- | --- |", flush=True)
            for shards in (True, False):
                for title, spec in SPECS.items():
                    compare(title, spec, shards, urls, options.rounds)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
