"""A real S3 server on loopback (`../shared/s3/serve`), and a deployment's variables for it."""

import contextlib
import http.client
import os
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import s3call
from ports import free_port


@dataclass(frozen=True)
class Killed:
    """A process, as it has to be started again."""

    pid: int
    command: list[str]
    folder: str
    variables: dict[str, str]

    @staticmethod
    def of(pid: int) -> "Killed":
        home = Path(f"/proc/{pid}")
        command = (home / "cmdline").read_bytes().decode().rstrip("\0").split("\0")
        pairs = (line.split("=", 1) for line in (home / "environ").read_bytes().decode().split("\0") if "=" in line)
        return Killed(pid, command, os.readlink(home / "cwd"), dict(pairs))

    @property
    def is_alive(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
        except FileNotFoundError:
            return False

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self.command, cwd=self.folder, env=self.variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)


class S3Server:
    """One server with one bucket; its data goes with it when it is stopped."""

    def __init__(self, name: str, shared: Path, region: str = "us-east-1"):
        self.name = name
        self.port = free_port()
        self._serve = shared.resolve() / "s3" / "serve"
        self._environment = {**os.environ, "S3_REGION": region, "S3_BUCKET": "quetz"}
        self._keys: dict[str, str] = {}
        self._revived: list[subprocess.Popen] = []

    def start(self) -> None:
        self._run("start", self.name, self.port)
        words = shlex.split(self._run("env", self.port))
        self._keys = dict(word.split("=", 1) for word in words if "=" in word)

    def stop(self) -> None:
        """Ends it; its data goes too."""
        for process in self._revived:
            process.kill()
            process.wait()
        self._run("stop", self.port)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pids(self) -> list[int]:
        """The processes of the server."""
        home = Path(os.environ.get("S3_HOME", os.environ.get("TMPDIR", "/tmp") + "/s3-servers"))
        lines = (home / "run" / str(self.port) / "pids").read_text().splitlines()
        return [int(line.split()[0]) for line in lines if line.strip()]

    def kill(self) -> list["Killed"]:
        """`kill -9` for all its processes; its data stays. Give what this returns to `revive`."""
        killed = [Killed.of(pid) for pid in self.pids if Path(f"/proc/{pid}").exists()]
        for process in killed:
            os.kill(process.pid, signal.SIGKILL)
        while any(process.is_alive for process in killed):
            time.sleep(0.01)
        self._revived = []
        return killed

    def revive(self, killed: list["Killed"]) -> None:
        """Starts the same commands again, and waits until the port answers."""
        self._revived = [process.start() for process in killed]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if s3call.get(self.options, "/quetz")[0] == 200:
                    return
            time.sleep(0.1)
        raise SystemExit(f"{self.name} did not come back")

    def signal(self, number: int) -> None:
        for pid in [process.pid for process in self._revived] or self.pids:
            os.kill(pid, number)

    @property
    def options(self) -> dict[str, str]:
        """The `[s3]` section."""
        return {
            "url": self.endpoint, "bucket_name": "quetz", "region": self._keys["S3_REGION"], "addressing": "path",
            "access_key": self._keys["S3_ACCESS_KEY"], "secret_key": self._keys["S3_SECRET_KEY"]}

    @property
    def variables(self) -> dict[str, str]:
        """The section as environment variables."""
        return {f"QUETZ_S3_{key.upper()}": value for key, value in self.options.items()}

    @property
    def toml(self) -> str:
        return "[s3]\n" + "".join(f'{key} = "{value}"\n' for key, value in self.options.items())

    def _run(self, *arguments: object) -> str:
        done = subprocess.run(
            [str(part) for part in (self._serve, *arguments)], env=self._environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(f"serve {' '.join(map(str, arguments))} failed: {done.stdout}{done.stderr}")
        return done.stdout
