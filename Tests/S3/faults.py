#!/usr/bin/env python3
"""Uploads and downloads while the S3 server is killed, frozen, and behind a bad line: what is lost, wrong, or leaks.

    faults.py --server .build/release/quetz --shared ../shared [--s3 seaweedfs] [--count 2000]

Each weather gets a third of the uploads and of the downloads. A 201 must be there afterwards, with the right bytes; a
finished download must have them; an error must be a 502 or 503 with Retry-After; and once it is over, the server has as
many open files and as much memory as after it had warmed up.
"""

import collections
import http.client
import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from scene import Checks, Scene, arguments, artifacts, bucket, running, sha256
from weather import Weather

THREADS = 16
PATIENCE = 120


class Traffic:
    """Uploads and downloads, with a note of everything that came back."""

    def __init__(self, scene: Scene):
        self.scene = scene
        self.acknowledged: dict[str, str] = {}
        self.answers: collections.Counter = collections.Counter()
        self.wrong: list[str] = []
        self.bad_errors: list[str] = []
        self.given_up: list[str] = []

    def ask(self, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse | None:
        """One request on a connection of its own; `None` if it broke."""
        parts = urlsplit(self.scene.deployment.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, self.scene.headers())
            response = connection.getresponse()
            response.bytes = response.read()
            return response
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def until(self, what: str, wanted: tuple[int, ...], method: str, path: str, body: bytes | None = None):
        """Asks until it is done, as a patient client does; notes each answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            response = self.ask(method, path, body)
            self.answers[(method, response.status if response else "broken")] += 1
            if response and response.status in wanted:
                return response
            if response and (response.status not in (502, 503) or not response.headers["Retry-After"]):
                self.bad_errors.append(f"{what}: {response.status} {response.bytes[:200]!r}")
                return None
            time.sleep(min(float(response.headers["Retry-After"]) if response else 1, 2))
        self.given_up.append(what)
        return None

    def upload(self, number: int) -> None:
        artifact = artifacts.make(f"f{number}", "1.0", "0", payload=os.urandom(random.randint(100, 60_000)))
        path = f"/api/channels/faults/upload/{artifact.file_name}?sha256={artifact.sha256}"
        # 409: an earlier try got through, its answer did not.
        if self.until(f"upload {number}", (201, 409), "POST", path, artifact.data):
            self.acknowledged[artifact.file_name] = artifact.sha256

    def download(self, name: str) -> None:
        response = self.until(f"download {name}", (200,), "GET", f"/get/faults/noarch/{name}")
        if response and sha256(response.bytes) != self.acknowledged[name]:
            self.wrong.append(name)

    def run(self, numbers: range) -> None:
        """Uploads and downloads at the same time."""
        with ThreadPoolExecutor(THREADS) as pool:
            known = list(self.acknowledged)
            jobs = []
            for number in numbers:
                jobs.append(pool.submit(self.upload, number))
                jobs.append(pool.submit(self.download, random.choice(known)) if known else None)
            for job in jobs:
                if job:
                    job.result()


def killed(server) -> None:
    time.sleep(1)
    dead = server.kill()
    time.sleep(4)
    server.revive(dead)


def frozen(server) -> None:
    time.sleep(1)
    server.signal(signal.SIGSTOP)
    time.sleep(30)
    server.signal(signal.SIGCONT)


def usage(scene: Scene) -> tuple[int, int]:
    time.sleep(3)
    return scene.deployment.open_files(), scene.deployment.memory() >> 20


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=2000)
    options = parser.parse_args()
    checks = Checks("faults")
    with bucket(options) as server:
        line = Weather(server.port)
        # The proxy stands in the way all the time, and rains in the last third only.
        line._share, share = 0.0, line._share
        variables = {"QUETZ_S3_REDIRECT": "never", "QUETZ_S3_URL": f"http://127.0.0.1:{line.port}"}
        with running(options, server, **variables) as scene:
            scene.make_channel("faults")
            traffic = Traffic(scene)
            traffic.run(range(options.count // 5))
            before = usage(scene)
            print(f"  warm: {before[0]} open files, {before[1]} MiB", flush=True)
            third = options.count // 3 + 1
            for index, (title, fault) in enumerate(
                (("killed and started again", killed), ("frozen for 30 s", frozen), ("a bad line", None))):
                traffic.answers.clear()
                started = time.monotonic()
                line._share = share if fault is None else 0.0
                thread = threading.Thread(target=fault, args=(server,)) if fault else None
                if thread:
                    thread.start()
                traffic.run(range(10_000 * (index + 1), 10_000 * (index + 1) + third))
                if thread:
                    thread.join()
                answers = ", ".join(f"{m} {s}: {n}" for (m, s), n in sorted(traffic.answers.items(), key=str))
                print(f"  {title}: {time.monotonic() - started:.0f} s; {answers}", flush=True)
            line._share = 0.0
            print(f"  the line cut {line.cuts} times and held up {line.delays} times", flush=True)
            report(checks, scene, traffic, before)
        line.stop()
    return checks.finish()


def report(checks: Checks, scene: Scene, traffic: Traffic, before: tuple[int, int]) -> None:
    checks.check(not traffic.bad_errors, "every error is a 502 or 503 with Retry-After", traffic.bad_errors[:3])
    checks.check(not traffic.given_up, "nobody waits for ever", traffic.given_up[:3])
    names = list(traffic.acknowledged)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(traffic.download, names))
    checks.check(not traffic.wrong and not traffic.given_up, f"all {len(names)} acknowledged packages are there, byte for byte",
                 (traffic.wrong[:3], traffic.given_up[:3]))
    after = usage(scene)
    checks.check(after[0] <= before[0] + 8, f"open files: {before[0]} before, {after[0]} after")
    # The channel has six times as many packages now, and its index documents are larger.
    checks.check(after[1] <= before[1] + 24, f"memory: {before[1]} MiB before, {after[1]} MiB after")


if __name__ == "__main__":
    sys.exit(main())
