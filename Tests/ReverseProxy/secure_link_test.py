"""Sends packages through a real nginx with docker/nginx-secure-link.conf, by the links that a real server signs.

    python3 secure_link_test.py --server .build/debug/quetz

Needs the Debian package nginx. Everything is on loopback and in a temporary folder; the exit code says whether all
checks hold.
"""

import argparse
import base64
import hashlib
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ScriptSupport"))
import environment  # noqa: E402

environment.enter()

import artifacts  # noqa: E402
from checks import Checks  # noqa: E402
from deployment import Deployment  # noqa: E402
from nginx import Nginx  # noqa: E402

SECRET = "a secret, shared with nginx"
LIFETIME = 600
SETTINGS = f"""
[local_store]
redirect_enabled = true
redirect_secret = "{SECRET}"
redirect_expiration = {LIFETIME}
"""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def get(url, headers=None, method="GET", data=None):
    """Status, header fields and body of the answer, whatever it is."""
    request = urllib.request.Request(url, headers=headers or {}, method=method, data=data)
    try:
        with OPENER.open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def link(file_name, expires, secret=SECRET):
    """A link as nginx's documentation of secure_link makes it."""
    text = f"{expires}{file_name} {secret}".encode()
    mark = base64.urlsafe_b64encode(hashlib.md5(text).digest()).rstrip(b"=").decode()
    return f"/files/{file_name}?md5={mark}&expires={expires}"


def check(checks, nginx, deployment, artifact):
    location_of = f"{nginx.url}/get/channel0/{artifact.subdir}/{artifact.file_name}"
    status, headers, _ = get(location_of)
    location = headers["Location"]
    checks.equal("the server redirects", status, 307)
    name = f"sha256/{artifact.sha256[:2]}/{artifact.sha256}"
    expires = int(location.rsplit("expires=", 1)[1])
    checks.equal("the link is nginx's", location, link(name, expires))
    checks.equal("the link ends in time", 0 <= time.time() + LIFETIME - expires <= 60, True)

    status, headers, body = get(nginx.url + location)
    checks.equal("a valid link", (status, body == artifact.data), (200, True))
    checks.equal("its caching", headers["Cache-Control"], "private, max-age=31536000, immutable")
    checks.equal("a range", get(nginx.url + location, {"Range": "bytes=-9"})[::2], (206, artifact.data[-9:]))
    checks.equal("HEAD by the server", get(location_of, method="HEAD")[0], 200)

    past, future = int(time.time()) - 1, int(time.time()) + 100
    other = f"sha256/00/{'0' * 64}"
    refused = {
        "an expired link": (link(name, past), 410),
        "another secret": (link(name, future, "guess"), 403),
        "a later end": (location.replace(f"expires={expires}", f"expires={expires + 1}"), 403),
        "another mark": (location.replace("md5=", "md5=A"), 403),
        "another file": (location.replace(name, other), 403),
        "a file that is not there": (link(other, future), 404),
        "no mark": (f"/files/{name}", 403),
        "the folder": ("/files/", 403),
        "a temporary file": (link(".tmp/x", future), 403),
        # nginx tidies the path before it looks for a location, so that these are Quetz's /config.toml.
        "a path that climbs": (link("sha256/../../config.toml", future), 404),
        "the same, encoded": (link("sha256/..%2f..%2fconfig.toml", future), 404),
    }
    for what, (target, expected) in refused.items():
        checks.equal(what, get(nginx.url + target)[0], expected)
    log = nginx.log.read_text()
    checks.equal("links in nginx's log", "md5=" in log or deployment.key in log, False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, required=True)
    options = parser.parse_args()
    checks = Checks("nginx-test of secure_link")
    with tempfile.TemporaryDirectory(prefix="quetz-nginx-") as folder:
        deployment = Deployment(options.server, Path(folder) / "deployment")
        deployment.create()
        with open(deployment.folder / "config.toml", "a", encoding="utf-8") as config:
            config.write(SETTINGS)
        deployment.start()
        try:
            artifact = artifacts.make("far", "1.0", "0", payload=b"bytes" * 5000)
            replacements = {
                "replace-this-with-another-secret": SECRET,
                "alias /srv/quetz/packages/": f"alias {deployment.folder}/packages/",
            }
            with Nginx(Path(folder) / "nginx", deployment, "nginx-secure-link.conf", replacements) as nginx:
                url = f"{nginx.url}/api/channels/channel0/upload/{artifact.file_name}?sha256={artifact.sha256}"
                status, _, body = get(url, {"X-API-Key": deployment.key}, "POST", artifact.data)
                checks.equal("the upload", (status, body if status != 201 else b""), (201, b""))
                check(checks, nginx, deployment, artifact)
        finally:
            deployment.stop()
    checks.end(Nginx.version())


if __name__ == "__main__":
    main()
