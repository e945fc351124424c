"""The original Quetz server, from PyPI, on loopback with its own development data: the peer that we replace.

    with Upstream(folder) as peer:      # folder: a new one, for its deployment
        peer.url, peer.key, peer.pid    # the key is of a server owner

Its environment is made once, in `.build-upstream` of the repository (`make clean` removes it). The pins are of the time of
its last release; with newer ones it does not start. This is the only file that knows how to start it.
"""

import http.client
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
from ports import free_port  # noqa: E402

HOME = Path(__file__).resolve().parents[1] / ".build-upstream"
REQUIREMENTS = ["quetz-server==0.10.4", "fastapi==0.110.3", "pydantic==2.7.4"]


class Upstream:
    """A running server; ended by pid when the block ends."""

    name = "quetz-server 0.10.4"

    def __init__(self, folder: Path, fill: Callable[[Path], None] | None = None, supervisor: bool = True):
        """`fill` is given the database before the server starts; without `supervisor` no job process runs beside it."""
        self.deployment = folder / "upstream"
        self._fill = fill
        self._supervisor = "--supervisor" if supervisor else "--no-supervisor"
        self.url = ""
        self.key = ""
        self.pid = 0

    def __enter__(self) -> "Upstream":
        program = _program()
        created = subprocess.run(
            [program, "create", self.deployment, "--create-conf", "--dev"], capture_output=True, text=True, check=True)
        user, self.key = re.search(r'key created for user "(\w+)": (\w+)', created.stdout + created.stderr).groups()
        self._make_owner(user)
        if self._fill:
            self._fill(self.deployment / "quetz.sqlite")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = (self.deployment.parent / "upstream.log").open("w")
        self._process = subprocess.Popen(
            [program, "start", self.deployment, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning",
             self._supervisor],
            stdout=self._log, stderr=subprocess.STDOUT)
        self.pid = self._process.pid
        self._wait()
        return self

    def __exit__(self, *_) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str = "", expected: int | None = 201) -> None:
        """One request with the owner's key; an error unless it is answered as expected, `None` being anything."""
        headers = {"X-API-Key": self.key} | ({"Content-Type": content_type} if content_type else {})
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=600)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        if expected and answer.status != expected:
            raise RuntimeError(f"the original server answered {answer.status}: {data[:300]!r}")

    def _make_owner(self, user: str) -> None:
        """The development users have no role at first; creating channels needs one."""
        configuration = self.deployment / "config.toml"
        with configuration.open("a") as file:
            file.write(f'\n[users]\nadmins = ["dummy:{user}"]\n')
        subprocess.run([_program(), "add-user-roles", self.deployment], capture_output=True, check=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the original server ended with {self._process.returncode}; see {self._log.name}")
            try:
                urllib.request.urlopen(self.url + "/health/live", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the original server does not answer; see {self._log.name}")


def _program() -> Path:
    """The `quetz` command of the environment, made at its first use."""
    ready = HOME / ".ready"
    if not ready.exists() or ready.read_text() != " ".join(REQUIREMENTS):
        subprocess.run(["python3", "-m", "venv", "--clear", HOME], check=True)
        subprocess.run(
            [HOME / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS], check=True)
        ready.write_text(" ".join(REQUIREMENTS))
    return HOME / "bin" / "quetz"
