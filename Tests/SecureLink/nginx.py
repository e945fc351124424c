"""A real nginx with docker/nginx-secure-link.conf, on a free port of loopback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ports import free_port, wait_until_listening

CONFIGURATION = Path(__file__).resolve().parents[2] / "docker" / "nginx-secure-link.conf"


class Nginx:
    """Runs while it is entered; ended by its process, never by name."""

    def __init__(self, folder, deployment, secret):
        if not shutil.which("nginx"):
            sys.exit("nginx-test: there is no nginx; `apt-get install nginx-light` brings it")
        self.folder, self.log = folder, folder / "access.log"
        self._deployment, self._secret = deployment, secret
        self._process = None
        self.url = ""

    def __enter__(self):
        self.folder.mkdir()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self._configured(port), encoding="utf-8")
        # Started by root, its workers would be another user, who cannot read a temporary folder.
        user = "user root;" if os.geteuid() == 0 else ""
        settings = f"daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log; {user}"
        self._process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", configuration, "-g", settings], stderr=subprocess.DEVNULL)
        if not wait_until_listening(self._process, port):
            sys.exit(f"nginx-test: nginx does not listen:\n{(self.folder / 'error.log').read_text()}")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)

    def _configured(self, port):
        """The file that is shipped, with this test's addresses, folders and secret."""
        text = CONFIGURATION.read_text(encoding="utf-8")
        for shipped, ours in {
            "worker_processes auto;": "worker_processes 1;",
            "listen 80;": f"listen 127.0.0.1:{port};",
            "server quetz:8000;": f"server {self._deployment.url.removeprefix('http://')};",
            "access_log /dev/stdout redacted;": f"access_log {self.log} redacted;",
            "replace-this-with-another-secret": self._secret,
            "alias /srv/quetz/packages/": f"alias {self._deployment.folder}/packages/",
        }.items():
            if text.count(shipped) != 1:
                sys.exit(f"nginx-test: expected '{shipped}' once in {CONFIGURATION.name}, found it {text.count(shipped)} times")
            text = text.replace(shipped, ours)
        return text
