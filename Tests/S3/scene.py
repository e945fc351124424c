"""What the S3 scripts start from: an S3 server, a deployment that keeps its packages there, and a list of checks."""

import argparse
import contextlib
import hashlib
import http.client
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ScriptSupport"))
sys.dont_write_bytecode = True

import environment

environment.enter()

import artifacts
from channel import Answer, Connections
from deployment import Deployment
from s3server import S3Server


class Checks:
    """Counts what was checked; prints it as it goes."""

    def __init__(self, name: str):
        self.name, self.passed, self.failed = name, 0, 0
        self._start = time.monotonic()

    def check(self, is_right: bool, what: str, detail: object = "") -> bool:
        self.passed += is_right
        self.failed += not is_right
        print(f"  {'ok  ' if is_right else 'FAIL'}  {what}" + (f": {detail}" if not is_right else ""), flush=True)
        return is_right

    def finish(self) -> int:
        seconds = time.monotonic() - self._start
        print(f"{self.name}: {self.passed} checks passed, {self.failed} failed, {seconds:.1f} s", flush=True)
        return 1 if self.failed or not self.passed else 0


class Scene:
    """One deployment on one bucket."""

    def __init__(self, options: argparse.Namespace, folder: Path, server: S3Server | None, **variables: str):
        self.folder = folder
        bucket = server.variables if server else {}
        self.deployment = Deployment(
            options.server, folder / "deployment", ("--log-level", "warning"), {**bucket, **variables})
        self.deployment.create()

    def start(self) -> None:
        self.deployment.start()
        self.connections = Connections(self.deployment.url, timeout=300)

    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.deployment.key}

    def make_channel(self, name: str, *, private: bool = False) -> None:
        body = f'{{"name": "{name}", "private": {str(private).lower()}}}'.encode()
        answer = self.connections.request(
            "POST", "/api/channels", body, {**self.headers(), "Content-Type": "application/json"})
        if answer.status != 201:
            raise SystemExit(f"channel {name} could not be made: {answer.status} {answer.body!r}")

    def upload(self, channel: str, artifact: artifacts.Artifact) -> Answer:
        target = f"/api/channels/{channel}/upload/{artifact.file_name}?sha256={artifact.sha256}"
        return self.connections.request("POST", target, artifact.data, self.headers())


def get(url: str, headers: dict | None = None, *, follow: bool = True) -> tuple[Answer, str]:
    """A GET by a client that, like all known ones, drops `Authorization` on its way to another host or port."""
    while True:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=300)
        connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""), headers=headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        if not follow or answer.status not in (302, 307):
            return answer, url
        url = answer.headers["Location"]
        headers = {name: value for name, value in (headers or {}).items() if name != "Authorization"}


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=Path, default=Path(".build/release/quetz"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with s3/")
    parser.add_argument("--s3", default="seaweedfs", metavar="NAME", help="seaweedfs, swift, minio, rclone, ceph")
    return parser


@contextlib.contextmanager
def bucket(options: argparse.Namespace, name: str | None = None):
    """A running S3 server, stopped afterwards."""
    server = S3Server(name or options.s3, options.shared)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def folder():
    path = Path(tempfile.mkdtemp(prefix="quetz-s3-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def running(options: argparse.Namespace, server: S3Server | None, **variables: str):
    """A served deployment, killed and removed afterwards."""
    with folder() as path:
        scene = Scene(options, path, server, **variables)
        scene.start()
        try:
            yield scene
        finally:
            if scene.deployment.is_running:
                scene.deployment.kill()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
