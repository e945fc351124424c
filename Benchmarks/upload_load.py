"""Uploads over keep-alive connections, timed from the first byte sent to the 201."""

import re
import socket
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
import artifacts  # noqa: E402


def packages(count: int, tag: str, names: list[str] | None = None) -> list[artifacts.Artifact]:
    """Packages of about 20 KB for linux-64; each of another name unless `names` are given, which take turns."""
    made = []
    for number in range(count):
        name = names[number % len(names)] if names else f"{tag}-{number}"
        payload = bytes((number * 7 + index * index) % 251 for index in range(64)) + _noise(f"{tag}{number}", 19_000)
        made.append(artifacts.make(name, f"9.{number}", f"{tag.replace('-', '_')}_0", subdir="linux-64", payload=payload))
    return made


def _noise(seed: str, length: int) -> bytes:
    """Bytes that do not compress."""
    block = artifacts.sha256(seed.encode()).encode()
    out = bytearray()
    while len(out) < length:
        block = bytes.fromhex(artifacts.sha256(block))
        out += block
    return bytes(out[:length])


class Uploader:
    """One client with one connection. Requests are put together beforehand: two cores are shared with the server."""

    def __init__(self, port: int, key: str, channel: str):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.key, self.channel = key, channel

    def request(self, package: artifacts.Artifact) -> bytes:
        head = (
            f"POST /api/channels/{self.channel}/upload/{package.file_name}?sha256={package.sha256} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nX-API-Key: {self.key}\r\nContent-Length: {len(package.data)}\r\n\r\n")
        return head.encode() + package.data

    def send(self, request: bytes) -> float:
        """Seconds from the first byte to the 201."""
        start = time.perf_counter()
        self.socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._receive()
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        while len(body) < length:
            body += self._receive()
        seconds = time.perf_counter() - start
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"{head[:100]!r} {body[:300]!r}")
        return seconds

    def _receive(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def one_by_one(port: int, key: str, channel: str, work: list[artifacts.Artifact]) -> list[float]:
    client = Uploader(port, key, channel)
    requests = [client.request(package) for package in work]
    return [client.send(request) for request in requests]


def in_parallel(port: int, key: str, channel: str, work: list[artifacts.Artifact], clients: int) -> float:
    """Packages per second."""
    failures: list[Exception] = []

    uploaders = [Uploader(port, key, channel) for _ in range(clients)]
    parts = [[uploader.request(package) for package in work[index::clients]] for index, uploader in enumerate(uploaders)]

    def run(index: int) -> None:
        try:
            for request in parts[index]:
                uploaders[index].send(request)
        except Exception as error:  # reported below, by the thread that waits
            failures.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(work) / (time.perf_counter() - start)


def summary(seconds: list[float]) -> tuple[float, float]:
    """Median and p99 in milliseconds."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3
