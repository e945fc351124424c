"""A real nginx with a configuration of docker/, on free ports of loopback."""

import os
import shutil
import subprocess
import sys

import shipped
from ports import free_port, wait_until_listening


class Nginx:
    """Runs while it is entered; ended by its process, never by name."""

    def __init__(self, folder, deployment, configuration="nginx.conf", replacements=None):
        if not shutil.which("nginx"):
            sys.exit("there is no nginx; `apt-get install nginx-light` brings it")
        self.folder, self.log = folder, folder / "access.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._configuration = configuration
        self._process = None
        self._replacements = {
            "worker_processes auto;": "worker_processes 1;",
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "server quetz:8000;": f"server {deployment.url.removeprefix('http://')};",
            "access_log /dev/stdout redacted;": f"access_log {self.log} redacted;",
            **(replacements or {}),
        }

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(shipped.text(self._configuration, self._replacements), encoding="utf-8")
        # Started by root, its workers would be another user, who cannot read a temporary folder.
        user = "user root;" if os.geteuid() == 0 else ""
        settings = f"daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log; {user}"
        self._process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", configuration, "-g", settings], stderr=subprocess.DEVNULL)
        if not wait_until_listening(self._process, self.port):
            sys.exit(f"nginx does not listen:\n{(self.folder / 'error.log').read_text()}")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)

    @staticmethod
    def version() -> str:
        return subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr.strip()


class TLSNginx(Nginx):
    """docker/nginx.conf with its lines for TLS, and a certificate of our own for `localhost`."""

    def __init__(self, folder, deployment):
        folder.mkdir()
        self.ca, key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.ca],
            check=True, capture_output=True)
        self.tls_port = free_port()
        super().__init__(folder, deployment, replacements={
            "# listen 443 ssl http2;": f"listen 127.0.0.1:{self.tls_port} ssl http2;",
            "# ssl_certificate     /etc/nginx/tls/fullchain.pem;": f"ssl_certificate {self.ca};",
            "# ssl_certificate_key /etc/nginx/tls/privkey.pem;": f"ssl_certificate_key {key};",
        })
        self.plain_url = self.url
        self.url = f"https://localhost:{self.tls_port}"
