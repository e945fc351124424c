"""Uploads into the original server (PyPI) with a channel of some thousand records, one at a time.

Its channel is filled straight into its database, with rows as an upload leaves them; then packages of 20 KB are uploaded as
our server gets them. It indexes the whole channel after each, in the process that answers, so that several clients at a time
gain nothing.
"""

import json
import sqlite3
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
import environment  # noqa: E402

environment.enter()
import upload_load as load  # noqa: E402
from upstream import Upstream  # noqa: E402

CHANNEL = "bench"


def uploads_per_second(folder: Path, records: int, count: int = 3) -> float:
    """How many packages per second it takes, its index included."""
    with Upstream(folder) as peer:
        body = json.dumps({"name": CHANNEL, "private": False}).encode()
        peer.call("POST", "/api/channels", body, "application/json")
        _fill(peer.deployment / "quetz.sqlite", records)
        work = load.packages(count + 1, f"peer-{int(time.time())}")
        _upload(peer, work[0])
        start = time.perf_counter()
        for package in work[1:]:
            _upload(peer, package)
        return count / (time.perf_counter() - start)


def _upload(peer: Upstream, package) -> None:
    peer.call(
        "POST", f"/api/channels/{CHANNEL}/upload/{package.file_name}?sha256={package.sha256}", package.data,
        "application/octet-stream")
    # It answers before the index is made, and nothing while it is.
    peer.call("GET", "/api/dummylogin/none", expected=None)


def _fill(database: Path, records: int) -> None:
    connection = sqlite3.connect(database)
    user = connection.execute("SELECT id FROM users WHERE username IS NOT NULL LIMIT 1").fetchone()[0]
    when = "2026-09-21 14:13:20.000000"
    names = max(1, records // 16)
    connection.executemany(
        "INSERT INTO packages (name, channel_name, description, summary, url, channeldata, platforms)"
        " VALUES (?, ?, '', '', '', '{}', 'linux-64')", ((f"lib{n}", CHANNEL) for n in range(names)))
    rows = []
    for number in range(records):
        name, version = f"lib{number % names}", f"1.{number // names}"
        info = {
            "arch": "x86_64", "build": "0", "build_number": 0, "depends": [f"lib{(number + k) % names} >=1.0" for k in range(4)],
            "license": "BSD-3-Clause", "md5": "0" * 32, "name": name, "platform": "linux", "sha256": "0" * 64, "size": 20000,
            "subdir": "linux-64", "timestamp": 1_700_000_000_000, "version": version,
        }
        rows.append((
            uuid.UUID(int=number + 1).bytes, CHANNEL, name, version, number // names, f"{name}-{version}-0.conda",
            json.dumps(info), user, when, when))
    connection.executemany(
        "INSERT INTO package_versions (id, channel_name, package_name, package_format, platform, version, build_string,"
        " build_number, size, version_order, download_count, filename, info, uploader_id, time_created, time_modified)"
        " VALUES (?, ?, ?, 'conda', 'linux-64', ?, '0', 0, 20000, ?, 0, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


if __name__ == "__main__":
    import tempfile
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(prefix="quetz-peer-") as root:
        print(f"{uploads_per_second(Path(root), count):.3f} uploads per second into {count} records")
