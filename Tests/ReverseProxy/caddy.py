"""A real Caddy with docker/Caddyfile as it is, on free ports of loopback."""

import os
import shutil
import subprocess
import sys

import shipped
from ports import free_port, wait_until_listening


class Caddy:
    """Runs while it is entered; ended by its process, never by name."""

    def __init__(self, folder, deployment):
        if not shutil.which("caddy"):
            sys.exit("there is no caddy; `apt-get install caddy` brings it (and starts a service: stop that)")
        self.folder, self.log = folder, folder / "access.log"
        self.tls_port, self.plain_port = free_port(), free_port()
        self.url = f"https://localhost:{self.tls_port}"
        self.plain_url = f"http://localhost:{self.plain_port}"
        # Of Caddy's own authority, which signs for names that no public one would.
        self.ca = folder / "caddy/pki/authorities/local/root.crt"
        self._process = None
        self._variables = {
            "HTTP_PORT": str(self.plain_port), "HTTPS_PORT": str(self.tls_port),
            "QUETZ": deployment.url.removeprefix("http://"),
            "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder),
        }

    def __enter__(self):
        self.folder.mkdir()
        with open(self.log, "wb") as access, open(self.folder / "error.log", "wb") as errors:
            self._process = subprocess.Popen(
                ["caddy", "run", "--adapter", "caddyfile", "--config", shipped.FOLDER / "Caddyfile"],
                env={**os.environ, **self._variables}, cwd=self.folder, stdout=access, stderr=errors)
        if not wait_until_listening(self._process, self.tls_port):
            sys.exit(f"caddy does not listen:\n{(self.folder / 'error.log').read_text()}")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)

    @staticmethod
    def version() -> str:
        found = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
        return f"caddy {found.strip()}"
