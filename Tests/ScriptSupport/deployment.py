"""A deployment of the server under test: created, started, killed and looked at from outside."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path


class ServerError(Exception):
    """The server did not do what it was started for; the message has its log."""


class Deployment:
    """One deployment folder and the process that serves it, if any.

    The `--dev` data gives an API key whose user owns `channel0`; that user may create channels as well.
    """

    def __init__(
        self, server: Path, folder: Path, arguments: tuple[str, ...] = (), variables: dict[str, str] | None = None
    ):
        self.server = server.resolve()
        self.folder = folder.resolve()
        self.log = self.folder.parent / (self.folder.name + ".log")
        self.key = ""
        self.user = ""
        self.url = ""
        self.variables = variables or {}
        self._arguments = arguments
        self._process: subprocess.Popen | None = None

    def create(self, role: str = "members") -> None:
        """Makes the deployment; its users have this role on the server: admins, maintainers or members."""
        users = "dummy:alice,dummy:bob,dummy:carol,dummy:dave"
        done = subprocess.run(
            [self.server, "create", self.folder, "--create-conf", "--dev"],
            env={**os.environ, **self.variables, f"QUETZ_USERS_{role.upper()}": users}, capture_output=True,
            text=True)
        found = re.search(r'^Test API key created for user "(.*)": (\S+)$', done.stdout, re.MULTILINE)
        if done.returncode != 0 or not found:
            raise ServerError(f"quetz create failed with {done.returncode}: {done.stdout}{done.stderr}")
        self.user, self.key = found.groups()

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def start(self, timeout: float = 60) -> None:
        """Starts the server on a free port, and waits until it says where it serves."""
        self.launch()
        self.wait_until_serving(timeout)

    def launch(self) -> None:
        """Starts the process and waits for nothing."""
        self._offset = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [self.server, "start", self.folder, "--port", "0", *self._arguments],
                env={**os.environ, **self.variables}, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def run(self, *arguments: object) -> subprocess.CompletedProcess:
        """Runs a command of the server's program with this deployment's variables."""
        return subprocess.run(
            [str(part) for part in (self.server, *arguments)], env={**os.environ, **self.variables}, text=True,
            capture_output=True, stdin=subprocess.DEVNULL)

    @property
    def pid(self) -> int:
        return self._process.pid

    def memory(self) -> int:
        """Resident bytes of the server, now."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        return self._status("VmHWM")

    def reset_peak_memory(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _status(self, key: str) -> int:
        found = re.search(rf"^{key}:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text(), re.MULTILINE)
        return int(found.group(1)) * 1024

    def wait_until_serving(self, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = re.search(rb"Quetz serves .* at (http://\S+:\d+)", self.new_log())
            if found:
                self.url = found.group(1).decode()
                return
            if self._process.poll() is not None:
                raise ServerError(f"the server ended with {self._process.returncode}:\n{self.log_end()}")
            time.sleep(0.005)
        raise ServerError(f"the server does not serve after {timeout:.0f} s:\n{self.log_end()}")

    def new_log(self) -> bytes:
        """What the process has written since it was launched."""
        with open(self.log, "rb") as log:
            log.seek(self._offset)
            return log.read()

    def log_end(self, length: int = 4000) -> str:
        return self.log.read_bytes()[-length:].decode(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """`kill -9`."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self, timeout: float = 40) -> int:
        """`SIGTERM`; the exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"the server did not end within {timeout:.0f} s of SIGTERM:\n{self.log_end()}")

    def files(self, part: str) -> list[Path]:
        """All files below a folder of the deployment."""
        return [Path(root) / name for root, _, names in os.walk(self.folder / part) for name in names]
