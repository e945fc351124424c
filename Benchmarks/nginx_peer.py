"""nginx (Debian) as the peer of the read path: the same bytes with the same headers, on loopback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ports import free_port, wait_until_listening

CONFIGURATION = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 2;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  keepalive_timeout 120;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  default_type application/octet-stream;
  server {{
    listen 127.0.0.1:{port} reuseport backlog=1024;
    root {folder}/files;
    add_header Cache-Control "public, max-age=31536000, immutable";
    add_header Content-Size "0000000000";
    add_header X-Request-ID $request_id;
    location = /redirect {{
      add_header Referrer-Policy no-referrer;
      return 307 http://127.0.0.1/files/sha256/ab/{digest}?md5=aaaaaaaaaaaaaaaaaaaaaa&expires=1790000000;
    }}
    location = /missing {{
      default_type application/json;
      return 404 '{{"detail": "bench/noarch/missing-1-0.conda not found"}}';
    }}
  }}
}}
"""


class NginxPeer:
    """Serves `files` (name in the URL to path); runs while it is entered, ended by its process."""

    def __init__(self, folder: Path, files: dict[str, Path]):
        self.folder, self._files = folder, files
        self.url = ""

    def __enter__(self) -> "NginxPeer":
        if not shutil.which("nginx"):
            sys.exit("bench: there is no nginx; `apt-get install nginx-light` brings it")
        (self.folder / "files").mkdir(parents=True)
        for name, path in self._files.items():
            (self.folder / "files" / name).symlink_to(path)
        port = free_port()
        # Started by root, its workers would be another user, who cannot read a temporary folder.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=self.folder, port=port, user=user, digest="ab" * 32))
        self._process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", configuration], stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        if not wait_until_listening(self._process, port):
            sys.exit(f"bench: nginx does not listen:\n{(self.folder / 'error.log').read_text()}")
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait(20)

    @property
    def pids(self) -> list[int]:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return [self._process.pid, *map(int, children)]
