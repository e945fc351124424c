"""A full build of all documents from a cold start, beside `rattler.index.index_fs` (PyPI) on the same records.

    python3 Benchmarks/index_peer.py --server .build/release/quetz --deployment DIR [--channel bench]

DIR is a deployment filled by `make bench-fill`, not running. Its derived files are deleted, and the server is started: the
time is from the start to the first answer with the whole `repodata.json.zst`, shards included. `index_fs` gets a folder with
one small `.conda` per record (the same index.json, no files) and writes repodata.json, its zst and, while it may open as many
files as there are names, shards; beyond that it is spared them. It has to read the packages, which our server did when they
were uploaded; that is the difference between the two, and `--records` of the fill can be counted to our time to level it.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
import environment  # noqa: E402

environment.enter(environment.REQUIREMENTS | {"rattler": "py-rattler==0.28.0"}, home=".build-index-peer")
import artifacts  # noqa: E402
import write_side  # noqa: E402

FACTS = ("sha256", "md5", "size", "indexed_timestamp", "time_modified")


def our_build(program: str, deployment: Path, channel: str) -> tuple[float, float, bytes]:
    """Seconds, peak memory in MB, and repodata.json.zst."""
    shutil.rmtree(deployment / "documents", ignore_errors=True)
    start = time.perf_counter()
    server = write_side.Server(program, str(deployment))
    try:
        while not (path := _document(deployment, channel, "linux-64/repodata.json.zst")):
            time.sleep(0.1)
        seconds = time.perf_counter() - start
        return seconds, server.memory_mb("VmHWM"), path.read_bytes()
    finally:
        server.stop()


def _document(deployment: Path, channel: str, path: str) -> Path | None:
    """The file of a document, once it is there. The server is not asked: it makes everything again if a file is missing."""
    with closing(sqlite3.connect(f"file:{deployment / 'quetz.sqlite'}?mode=ro", uri=True, timeout=30)) as database:
        row = database.execute(
            "SELECT hex(sha256) FROM document JOIN channel ON channel.id = channelID WHERE name = ? AND path = ?",
            (channel, path)).fetchone()
    digest = row[0].lower() if row else ""
    file = deployment / "documents" / "sha256" / digest[:2] / digest
    return file if digest and file.is_file() else None


def _write(job: tuple[str, list[tuple[str, dict]]]) -> None:
    folder, records = job
    for file_name, record in records:
        fields = {key: value for key, value in record.items() if key not in FACTS}
        extension = ".conda" if file_name.endswith(".conda") else ".tar.bz2"
        made = artifacts.make(
            record["name"], record["version"], record["build"], subdir=record["subdir"], extension=extension, fields=fields)
        Path(folder, file_name).write_bytes(made.data)


def write_packages(folder: Path, repodata: dict) -> int:
    """One small package per record."""
    subdir = folder / repodata["info"]["subdir"]
    subdir.mkdir(parents=True)
    records = [*repodata["packages"].items(), *repodata["packages.conda"].items()]
    parts = [(str(subdir), records[start:start + 1000]) for start in range(0, len(records), 1000)]
    with Pool(os.cpu_count()) as pool:
        for _ in pool.imap_unordered(_write, parts):
            pass
    return len(records)


def can_write_shards(folder: Path) -> bool:
    """Whether `index_fs`, which opens all shards of a subdir at once, is allowed to."""
    names = {name.rsplit("-", 2)[0] for name in os.listdir(folder / "linux-64") if name.endswith((".conda", ".tar.bz2"))}
    return len(names) < resource.getrlimit(resource.RLIMIT_NOFILE)[1] * 0.9


def their_build(folder: Path, shards: bool = True) -> tuple[float, float]:
    """Seconds and peak memory in MB, in a process of its own."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        from rattler.index import index_fs
        asyncio.run(index_fs(folder, write_zst=True, write_shards=shards))
        os._exit(0)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"index_fs ended with {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=".build/release/quetz")
    parser.add_argument("--deployment", type=Path, required=True)
    parser.add_argument("--channel", default="bench")
    parser.add_argument("--packages", type=Path, help="where the packages are, or are put, to be used again")
    options = parser.parse_args()
    import zstandard
    ours, our_memory, data = our_build(options.server, options.deployment, options.channel)
    folder = options.packages or Path(tempfile.mkdtemp(prefix="quetz-index-peer-"))
    if not (folder / "linux-64").exists():
        repodata = json.loads(zstandard.ZstdDecompressor().stream_reader(data).read())
        print(f"{write_packages(folder, repodata)} packages written", file=sys.stderr, flush=True)
        del repodata
    has_shards = can_write_shards(folder)
    theirs, their_memory = their_build(folder, has_shards)
    write_side.row(
        "full build of all documents from a cold start", f"{ours:.1f} s, {our_memory:.0f} MB",
        f"index_fs{'' if has_shards else ' without shards'}: {theirs:.1f} s, {their_memory:.0f} MB", f"{theirs / ours:.1f}",
        "≥ 5; < 300 MB")
    if not options.packages:
        shutil.rmtree(folder)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    main()
