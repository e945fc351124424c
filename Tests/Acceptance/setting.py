"""What every acceptance script starts from: a server of its own, the real clients, and a list of what was checked."""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ScriptSupport"))
sys.dont_write_bytecode = True

import environment

environment.enter()

import artifacts
from channel import Answer, Channel, Connections
from deployment import Deployment
from s3server import S3Server

# The samples that a server must refuse, and why.
REFUSED = {
    "ca-certificates-2024.7.4-hbcca054_0.conda":
        "its metadata.json, info- and pkg- members lie in a folder 'Users/…/' inside the ZIP (CEP 35)",
}


class Checks:
    """Counts what was checked; prints it as it goes."""

    def __init__(self, name: str):
        self.name = name
        self.passed = 0
        self.failed = 0
        self._start = time.monotonic()

    def check(self, is_right: bool, what: str, detail: object = "") -> bool:
        if is_right:
            self.passed += 1
            print(f"  ok    {what}", flush=True)
        else:
            self.failed += 1
            print(f"  FAIL  {what}" + (f": {detail}" if str(detail) else ""), flush=True)
        return is_right

    def equal(self, found: object, expected: object, what: str) -> bool:
        return self.check(found == expected, what, f"found {found!r}, expected {expected!r}")

    def finish(self) -> int:
        """Prints the line that the driver reads; gives the exit code."""
        seconds = time.monotonic() - self._start
        print(f"{self.name}: {self.passed} checks passed, {self.failed} failed, {seconds:.1f} s")
        return 1 if self.failed or not self.passed else 0


def note(text: str) -> None:
    print(f"  note  {text}", flush=True)


@dataclass(frozen=True)
class Sample:
    """A real package of `../shared/packages`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def refusal(self) -> str | None:
        return REFUSED.get(self.path.name)

    @property
    def sha256(self) -> str:
        return artifacts.sha256(self.path.read_bytes())


class Setting:
    """A running server with `--dev` data, the clients, and a folder for everything temporary."""

    def __init__(self, options: argparse.Namespace, folder: Path, role: str):
        self.folder = folder
        self.client = options.client.resolve()
        self.shared = options.shared.resolve()
        self.bucket = S3Server(options.s3, self.shared) if options.s3 else None
        variables = {}
        if self.bucket:
            self.bucket.start()
            variables = {**self.bucket.variables, "QUETZ_S3_REDIRECT": "never" if options.proxy else "presigned"}
        self.deployment = Deployment(
            options.server, folder / "deployment", ("--log-level", "warning"), variables)
        self.deployment.create(role)
        self.deployment.start()
        self.key, self.user, self.url = self.deployment.key, self.deployment.user, self.deployment.url
        self.connections = Connections(self.url)
        # The clients' own temporary files go with the folder; their virtual environments stay for the next run.
        temporary = folder / "clients"
        temporary.mkdir()
        homes = os.environ.get("CLIENTS_HOME", os.environ.get("TMPDIR", "/tmp") + "/quetz-clients")
        self.environment = {
            **os.environ, "TMPDIR": str(temporary), "CLIENTS_HOME": homes, "QUETZ_SERVER_URL": self.url,
            "QUETZ_API_KEY": self.key}
        # What this script runs in is not for the clients, which have environments of their own.
        self.environment.pop("PYTHONPATH", None)

    @property
    def samples(self) -> list[Sample]:
        files = sorted((self.shared / "packages").iterdir())
        return [Sample(file) for file in files if file.name.endswith((".conda", ".tar.bz2"))]

    def run(self, *command: object, timeout: float = 600) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(part) for part in command], env=self.environment, capture_output=True, text=True, timeout=timeout,
            stdin=subprocess.DEVNULL)

    def shared_client(self, name: str, *arguments: object) -> subprocess.CompletedProcess:
        return self.run("bash", self.shared / "clients" / name, *arguments)

    def python_of(self, client: str) -> Path:
        """The interpreter of one of the clients' environments."""
        done = self.shared_client("setup", client)
        if done.returncode != 0:
            sys.exit(f"{self.shared}/clients/setup {client} failed: {done.stderr}")
        return Path(done.stdout.strip().splitlines()[-1]) / client / "bin" / "python"

    def api(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        return self.connections.request(method, path, body, headers)

    def make_channel(self, name: str, *, private: bool = False) -> Channel:
        answer = self.api("POST", "/api/channels", f'{{"name": "{name}", "private": {str(private).lower()}}}'.encode())
        if answer.status != 201:
            sys.exit(f"channel {name} could not be made: {answer.status} {answer.body!r}")
        return Channel(self.connections, name, {"X-API-Key": self.key})

    def upload(self, channel: str, file_name: str, data: bytes, *, force: bool = False) -> Answer:
        target = f"/api/channels/{channel}/upload/{file_name}?force={str(force).lower()}&sha256={artifacts.sha256(data)}"
        return self.api("POST", target, data)


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server", type=Path, default=Path(".build/release/quetz"))
    parser.add_argument("--client", type=Path, default=Path(".build/release/quetz-client"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder with packages/ and clients/")
    parser.add_argument("--s3", metavar="NAME", help="keep packages on this server of ../shared/s3: seaweedfs, swift, minio …")
    parser.add_argument("--proxy", action="store_true", help="with --s3: send packages through the server, no redirects")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    return parser


@contextlib.contextmanager
def running(options: argparse.Namespace, role: str = "members"):
    """A setting that is gone afterwards; `role` is its users' on the server."""
    folder = Path(tempfile.mkdtemp(prefix="quetz-acceptance-"))
    setting = None
    try:
        setting = Setting(options, folder, role)
        yield setting
    finally:
        if setting and setting.deployment.is_running:
            setting.deployment.kill()
        if setting and setting.bucket:
            setting.bucket.stop()
        if options.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def wait_for(condition, timeout: float = 20) -> bool:
    """Polls until the condition holds; says whether it did in time."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
