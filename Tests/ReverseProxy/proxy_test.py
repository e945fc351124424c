"""Sends packages through a real reverse proxy, over TLS and HTTP/2, with the configuration that is shipped for it.

    python3 proxy_test.py --proxy caddy --server .build/debug/quetz

`nginx` runs docker/nginx.conf, `caddy` docker/Caddyfile; each needs the Debian package of that name, and curl. Everything
is on loopback and in a temporary folder; the exit code says whether all checks hold.
"""

import argparse
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ScriptSupport"))
import environment  # noqa: E402

environment.enter()

import artifacts  # noqa: E402
from caddy import Caddy  # noqa: E402
from channel import Connections  # noqa: E402
from checks import Checks  # noqa: E402
from deployment import Deployment  # noqa: E402
from nginx import TLSNginx  # noqa: E402

PROXIES = {"nginx": TLSNginx, "caddy": Caddy}
CLIENT = "127.0.0.2"  # not the proxy's own address
LARGE = 60_000_000


@dataclass
class Answer:
    version: str
    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """curl, from an address of its own, trusting the proxy's certificate and no other."""

    def __init__(self, proxy, folder: Path):
        self._proxy, self._folder = proxy, folder

    def __call__(self, path: str, *options: str, version: str = "--http2", url: str | None = None) -> Answer:
        url = url or self._proxy.url
        head, body = self._folder / "head", self._folder / "body"
        for file in (head, body):
            file.write_bytes(b"")
        port = url.rsplit(":", 1)[1]
        done = subprocess.run(
            ["curl", "--silent", "--show-error", version, "--cacert", self._proxy.ca, "--path-as-is", "--max-time", "120",
             "--interface", CLIENT, "--resolve", f"localhost:{port}:127.0.0.1", "--dump-header", head, "--output", body,
             "--write-out", "%{http_version} %{http_code}", *options, url + path],
            capture_output=True, text=True)
        if done.returncode != 0:
            return Answer("", -done.returncode, {}, done.stderr.encode())
        found, status = done.stdout.split()
        lines = head.read_text().strip().split("\n\n")[-1].splitlines()[1:]
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        return Answer(found, int(status), headers, body.read_bytes())


class ProxyTest:
    def __init__(self, checks: Checks, proxy, deployment: Deployment, folder: Path):
        self.equal, self.proxy, self.deployment, self.folder = checks.equal, proxy, deployment, folder
        self.ask = Client(proxy, folder)
        self.direct = Connections(deployment.url)
        self.key = f"X-API-Key: {deployment.key}"
        self.package = artifacts.make("far", "1!1.0+a", "0", payload=b"bytes" * 5000)
        self.large = artifacts.make("large", "1.0", "0", payload=os.urandom(LARGE))
        self.path = f"/get/channel0/noarch/{self.package.file_name}"

    def run(self) -> None:
        self.upload()
        self.versions()
        self.address()
        self.origin()
        self.download()
        self.streams()
        self.documents()
        self.log()

    def upload(self) -> None:
        file = self.folder / "package"
        file.write_bytes(self.package.data)
        target = f"/api/channels/channel0/upload/{self.package.file_name}?sha256={self.package.sha256}"
        for version, expected in (("--http2", 201), ("--http1.1", 409)):
            answer = self.ask(target, "-X", "POST", "-T", str(file), "-H", self.key, version=version)
            self.equal(f"the upload, {version}", answer.status, expected)
        answer = self.ask(target, "-X", "POST", "-T", str(file), "-H", "X-API-Key: wrong")
        self.equal("an upload without a right", (answer.status, "detail" in json.loads(answer.body)), (401, True))

    def versions(self) -> None:
        for version, expected in (("--http2", "2"), ("--http1.1", "1.1")):
            answer = self.ask(self.path, version=version)
            found = (answer.version, answer.status, answer.body == self.package.data)
            self.equal(f"over TLS, {version}", found, (expected, 200, True))
        unknown = subprocess.run(
            ["curl", "--silent", "--output", "/dev/null", "--resolve", f"localhost:{self.proxy.tls_port}:127.0.0.1",
             self.proxy.url], check=False).returncode
        self.equal("a client that does not trust the certificate", unknown, 60)
        plain = self.ask(self.path, version="--http1.1", url=self.proxy.plain_url)
        if isinstance(self.proxy, Caddy):
            self.equal("without TLS", (plain.status, plain.headers.get("location", "")[:8]), (308, "https://"))
        else:
            self.equal("without TLS", (plain.status, plain.body == self.package.data), (200, True))

    def address(self) -> None:
        """The audit log has the client's address, and none that it made up."""
        forged = [f"X-Forwarded-For: {address}" for address in ("203.0.113.5", "203.0.113.6, 127.0.0.1")]
        for number, header in enumerate([None, *forged]):
            name = f"proxied{number}"
            options = ["-X", "POST", "-H", self.key, "--json", json.dumps({"name": name, "private": False})]
            answer = self.ask("/api/channels", *options, *(["-H", header] if header else []))
            self.equal(f"a channel is made ({header})", answer.status, 201)
            listed = self.ask(f"/api/audit?channel={name}", "-H", self.key)
            addresses = {entry["address"] for entry in json.loads(listed.body)["result"]}
            self.equal(f"its address in the audit log ({header})", addresses, {CLIENT})

    def origin(self) -> None:
        """The server compares a session's `Origin` with the host that the client asked for."""
        login = self.ask("/api/dummylogin/alice")
        cookie = login.headers.get("set-cookie", "")
        self.equal("the session's cookie is for TLS only", "secure" in cookie.lower(), True)
        session = f"Cookie: {cookie.split(';')[0]}"
        for origin, expected in ((self.proxy.url, 201), ("https://evil.example", 403)):
            body = json.dumps({"description": "x", "roles": []})
            answer = self.ask("/api/api-keys", "-X", "POST", "-H", session, "-H", f"Origin: {origin}", "--json", body)
            self.equal(f"a change from {origin}", answer.status, expected)

    def download(self) -> None:
        data, etag = self.package.data, f'"{self.package.sha256}"'
        whole = self.ask(self.path)
        found = [whole.headers.get(name) for name in ("etag", "content-length", "content-type", "content-encoding")]
        self.equal("a package's headers", found, [etag, str(len(data)), "application/octet-stream", None])
        escaped = self.path.replace("!", "%21").replace("+", "%2B")
        self.equal("an escaped path", self.ask(escaped).body == data, True)
        self.equal("HEAD", (self.ask(self.path, "--head").headers.get("content-length")), str(len(data)))
        for what, value, part in (("first", "0-99", data[:100]), ("last", "-9", data[-9:]), ("from", "500-", data[500:])):
            answer = self.ask(self.path, "-H", f"Range: bytes={value}")
            self.equal(f"a range ({what})", (answer.status, answer.body == part), (206, True))
        answer = self.ask(self.path, "-H", f"Range: bytes={len(data)}-")
        self.equal("a range past the end", (answer.status, answer.headers.get("content-range")), (416, f"bytes */{len(data)}"))
        answer = self.ask(self.path, "-H", "Range: bytes=0-9", "-H", 'If-Range: "other"')
        self.equal("If-Range of other bytes", (answer.status, answer.body == data), (200, True))
        for path in (self.path, "/get/channel0/noarch/repodata.json"):
            tag = self.ask(path).headers["etag"]
            answer = self.ask(path, "-H", f"If-None-Match: {tag}")
            self.equal(f"304 of {path}", (answer.status, answer.body, answer.headers.get("etag")), (304, b"", tag))
        climbing = self.ask("/get/channel0/noarch/%2e%2e/%2e%2e/%2e%2e/config.toml")
        self.equal("a path that climbs", climbing.status, 404)

    def documents(self) -> None:
        """Compressed files arrive as they are, whatever the client says it could decode."""
        self.settle()
        types = {".zst": "application/zstd", ".json": "application/json"}
        for name in ("repodata.json", "repodata.json.zst", "repodata_shards.msgpack.zst", "current_repodata.json.zst"):
            path = f"/get/channel0/noarch/{name}"
            for accepted in ("identity", "gzip, deflate, br, zstd"):
                answer = self.ask(path, "-H", f"Accept-Encoding: {accepted}")
                headers = (answer.headers.get("content-type"), answer.headers.get("content-encoding"))
                self.equal(f"{name} for {accepted}", headers, (types[Path(name).suffix], None))
                self.equal(f"{name}'s bytes", answer.body == self.direct.get(path).body, True)

    def settle(self) -> None:
        """Waits until the last package is in repodata."""
        deadline = time.monotonic() + 30
        while self.large.file_name.encode() not in self.direct.get("/get/channel0/noarch/repodata.json").body:
            if time.monotonic() > deadline:
                sys.exit("the package does not come into repodata")
            time.sleep(0.02)

    def streams(self) -> None:
        """An upload goes on to the server as it comes; nothing waits in the proxy for its end."""
        path = f"/api/channels/channel0/upload/{self.large.file_name}?sha256={self.large.sha256}"
        context = ssl.create_default_context(cafile=str(self.proxy.ca))
        half = len(self.large.data) // 2
        with socket.create_connection(("127.0.0.1", self.proxy.tls_port), timeout=120) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(
                    f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{self.key}\r\nConnection: close\r\n"
                    f"Content-Length: {len(self.large.data)}\r\n\r\n".encode())
                connection.sendall(self.large.data[:half])
                # What is still between the two: buffers of sockets and of the proxy.
                self.equal("half an upload has arrived", self.spooled(half - 8_000_000), True)
                connection.sendall(self.large.data[half:])
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
        self.equal("the whole upload", answer.split(b" ", 2)[1], b"201")
        for version in ("--http2", "--http1.1"):
            answer = self.ask(f"/get/channel0/noarch/{self.large.file_name}", version=version)
            self.equal(f"a large download, {version}", (answer.status, answer.body == self.large.data), (200, True))

    def spooled(self, size: int) -> bool:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if sum(file.stat().st_size for file in self.deployment.files("spool") if file.exists()) >= size:
                return True
            time.sleep(0.01)  # another process's file has no event to wait for
        return False

    def log(self) -> None:
        """A key in a path is for nobody's log."""
        for path in (f"/t/{self.deployment.key}{self.path}", self.path.replace("/get", f"/get/t/{self.deployment.key}")):
            referer = f"Referer: {self.proxy.url}{path}"
            self.equal("a key in the path", self.ask(path, "-H", referer).body == self.package.data, True)
        self.ask("/t/" + self.deployment.key)
        text = self.proxy.log.read_text()
        self.equal("keys in the log", self.deployment.key in text, False)
        self.equal("lines in the log", len(re.findall(re.escape(f"/t/***{self.path}"), text)), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--proxy", choices=sorted(PROXIES), required=True)
    options = parser.parse_args()
    checks = Checks(f"{options.proxy}-test")
    variables = {"QUETZ_GENERAL_CLIENT_ADDRESS_HEADER": "X-Forwarded-For", "QUETZ_SESSION_HTTPS_ONLY": "true"}
    with tempfile.TemporaryDirectory(prefix=f"quetz-{options.proxy}-") as folder:
        deployment = Deployment(options.server, Path(folder) / "deployment", variables=variables)
        deployment.create("maintainers")
        deployment.start()
        try:
            with PROXIES[options.proxy](Path(folder) / "proxy", deployment) as proxy:
                ProxyTest(checks, proxy, deployment, Path(folder)).run()
                version = proxy.version()
        finally:
            deployment.stop()
    checks.end(version)


if __name__ == "__main__":
    main()
