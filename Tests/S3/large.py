#!/usr/bin/env python3
"""A package of 4 GiB up and down through S3: memory, hashes, and what is left after a kill midway.

    large.py --server .build/release/quetz --shared ../shared [--s3 seaweedfs] [--size-mb 4096]
"""

import hashlib
import http.client
import io
import json
import os
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from scene import Checks, arguments, artifacts, bucket, running  # first: it finds the other modules
from s3call import multipart_uploads

import zstandard

MEBIBYTE = 1 << 20
ALLOWED = 150 * MEBIBYTE


def make_package(path: Path, size: int, version: str) -> None:
    """A `.conda` with one random file of `size` bytes, written as it is made."""
    name = f"large-{version}-0"
    small = artifacts.make("large", version, "0")
    with zipfile.ZipFile(io.BytesIO(small.data)) as inner, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as outer:
        outer.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        with outer.open(f"pkg-{name}.tar.zst", "w", force_zip64=True) as member:
            compressor = zstandard.ZstdCompressor(level=1)
            with compressor.stream_writer(member, closefd=False) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
                entry = tarfile.TarInfo("share/large")
                entry.size = size
                tar.addfile(entry, Random(size))
        outer.writestr(f"info-{name}.tar.zst", inner.read(f"info-{name}.tar.zst"))


class Random(io.RawIOBase):
    def __init__(self, size: int):
        self._left = size

    def read(self, count: int = -1) -> bytes:
        count = min(count, self._left)
        self._left -= count
        return os.urandom(count)


def file_hashes(path: Path) -> tuple[str, str]:
    sha256, md5 = hashlib.sha256(), hashlib.md5()
    with open(path, "rb") as file:
        while block := file.read(MEBIBYTE):
            sha256.update(block)
            md5.update(block)
    return sha256.hexdigest(), md5.hexdigest()


def connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=600)


def upload(scene, path: Path, sha256: str, sent: threading.Event | None = None) -> int:
    connection = connect(scene.deployment.url)
    connection.putrequest("POST", f"/api/channels/big/upload/{path.name}?sha256={sha256}")
    connection.putheader("X-API-Key", scene.deployment.key)
    connection.putheader("Content-Length", str(path.stat().st_size))
    connection.endheaders()
    with open(path, "rb") as file:
        while block := file.read(MEBIBYTE):
            connection.send(block)
    if sent:
        sent.set()
    return connection.getresponse().status


def download(url: str, headers: dict) -> tuple[int, str, str]:
    connection = connect(url)
    parts = urlsplit(url)
    connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""), headers=headers)
    response = connection.getresponse()
    if response.status == 307:
        return download(response.headers["Location"], {})
    sha256, md5 = hashlib.sha256(), hashlib.md5()
    while block := response.read(MEBIBYTE):
        sha256.update(block)
        md5.update(block)
    return response.status, sha256.hexdigest(), md5.hexdigest()


def memory_check(checks: Checks, scene, idle: int, title: str, started: float) -> None:
    more = scene.deployment.peak_memory() - idle
    checks.check(
        more <= ALLOWED,
        f"{title}: {time.monotonic() - started:.1f} s, peak memory {more / MEBIBYTE:.0f} MiB above idle "
        f"({idle / MEBIBYTE:.0f} MiB)", f"allowed are {ALLOWED // MEBIBYTE} MiB")


def check_transfers(checks: Checks, scene, package: Path) -> None:
    sha256, md5 = file_hashes(package)
    url = f"{scene.deployment.url}/get/big/noarch/{package.name}"
    headers = {"X-API-Key": scene.deployment.key}
    idle = scene.deployment.memory()
    steps = {
        "up": lambda: upload(scene, package, sha256) == 201,
        "down through us": lambda: download(url, headers) == (200, sha256, md5),
        "down by redirect": lambda: download(url, {}) == (200, sha256, md5),
    }
    for title, step in steps.items():
        scene.deployment.reset_peak_memory()
        started = time.monotonic()
        checks.check(step(), f"{package.stat().st_size / MEBIBYTE:.0f} MiB {title}: right status and hashes")
        memory_check(checks, scene, idle, title, started)


def check_kill(checks: Checks, scene, server, package: Path) -> None:
    """Killed while the parts are on their way to the bucket."""
    sha256, _ = file_hashes(package)
    sent = threading.Event()
    thread = threading.Thread(target=lambda: quiet(upload, scene, package, sha256, sent), daemon=True)
    thread.start()
    sent.wait()
    deadline = time.monotonic() + 120
    while not multipart_uploads(server.options) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = multipart_uploads(server.options)
    scene.deployment.kill()
    checks.check(len(left) == 1, f"killed midway: {len(left)} multipart upload under way", left)
    scene.start()
    left = multipart_uploads(server.options)
    checks.check(not left, "after the next start no multipart upload is left", left)
    checks.check(upload(scene, package, sha256) == 201, "the same package is accepted then")


def quiet(work, *arguments) -> None:
    try:
        work(*arguments)
    except (OSError, http.client.HTTPException):
        pass  # the server was killed, as intended


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--size-mb", type=int, default=4096)
    options = parser.parse_args()
    checks = Checks("large")
    with bucket(options) as server, running(options, server) as scene:
        scene.make_channel("big")
        for version, size, check in (
            ("1.0", options.size_mb, lambda package: check_transfers(checks, scene, package)),
            ("2.0", min(options.size_mb, 1024), lambda package: check_kill(checks, scene, server, package)),
        ):
            package = scene.folder / f"large-{version}-0.conda"
            make_package(package, size * MEBIBYTE, version)
            check(package)
            package.unlink()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
