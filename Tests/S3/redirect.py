#!/usr/bin/env python3
"""rattler installs from a private channel whose packages lie in a bucket, logged in in each way that it knows.

    redirect.py --server .build/release/quetz --shared ../shared [--s3 seaweedfs,swift,minio]

Everything that reaches the bucket passes a recorder: so a redirect that was followed is seen, and so is a key that went
along with it. With `redirect_credentials = "all"` every login installs through the redirect; with "safe" those whose key
would go along install through the server. A presigned URL stops working after presign_ttl.
"""

import os
import subprocess
import sys
import time

from scene import Checks, arguments, bucket, get, running, sha256
from recorder import Recorder

PACKAGE = "other-package-0.2-0.conda"
SPEC = "other-package ==0.2 0"
LIFETIME = 5


def install(options, scene, name: str, *login: str) -> subprocess.CompletedProcess:
    """Runs the real client with a folder of its own."""
    temporary = scene.folder / f"client-{name}"
    temporary.mkdir()
    homes = os.environ.get("CLIENTS_HOME", os.environ.get("TMPDIR", "/tmp") + "/quetz-clients")
    command = ["bash", options.shared / "clients" / "rattler-install", f"{scene.deployment.url}/get/closed",
               temporary / "prefix", *login, SPEC]
    variables = {**os.environ, "TMPDIR": str(temporary), "CLIENTS_HOME": homes}
    variables.pop("PYTHONPATH", None)
    return subprocess.run(
        [str(part) for part in command], env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def presigned(heads: list[str]) -> list[str]:
    """Those that a client sent, by a URL it was given; our own requests are signed in a field."""
    return [head for head in heads if head.startswith("GET ") and "X-Amz-Signature=" in head.splitlines()[0]]


def check_logins(options, checks: Checks, server, recorder: Recorder, credentials: str) -> None:
    variables = {
        "QUETZ_S3_URL": f"http://127.0.0.1:{recorder.port}", "QUETZ_S3_REDIRECT": "presigned",
        "QUETZ_S3_REDIRECT_CREDENTIALS": credentials, "QUETZ_S3_PRESIGN_TTL": str(LIFETIME)}
    with running(options, server, **variables) as scene:
        scene.make_channel("closed", private=True)
        data = (options.shared / "packages" / PACKAGE).read_bytes()
        target = f"/api/channels/closed/upload/{PACKAGE}?sha256={sha256(data)}"
        uploaded = scene.connections.request("POST", target, data, scene.headers())
        checks.check(uploaded.status == 201, f"{credentials}: uploaded {PACKAGE}", uploaded)
        key, user = scene.deployment.key, scene.deployment.user
        logins = {"bearer": ("--bearer", key), "basic": ("--basic", f"{user}:{key}"), "token": ("--token", key)}
        for name, login in logins.items():
            recorder.take()
            done = install(options, scene, name, *login)
            heads = recorder.take()
            redirected = presigned(heads)
            expected = credentials == "all" or name != "token"
            way = "through the redirect" if expected else "through us"
            checks.check(
                done.returncode == 0 and bool(redirected) == expected,
                f"{credentials}: rattler with {name} installs {way}", (done.stderr[-600:], len(redirected)))
            checks.check(
                not any("\r\nauthorization:" in head.lower() for head in redirected),
                f"{credentials}: no login went with the signed URL ({name})")
            if credentials == "safe":
                checks.check(not any(key in head for head in heads), f"{credentials}: the store never sees the key ({name})")
        check_end(checks, scene, credentials, key)


def check_end(checks: Checks, scene, credentials: str, key: str) -> None:
    path = f"{scene.deployment.url}/get/closed/linux-64/{PACKAGE}"
    first, _ = get(path, {"Authorization": f"Bearer {key}"}, follow=False)
    url = first.headers["Location"]
    if not checks.check(first.status == 307 and get(url)[0].status == 200, f"{credentials}: the URL works at first", first):
        return
    time.sleep(LIFETIME + 2)  # the URL's own clock
    late, _ = get(url)
    checks.check(late.status in (400, 401, 403), f"{credentials}: after presign_ttl it answers {late.status}")


def main() -> int:
    options = arguments(__doc__).parse_args()
    options.shared = options.shared.resolve()
    checks = Checks("redirect")
    for name in options.s3.split(","):
        print(f"\n{name}", flush=True)
        with bucket(options, name) as server:
            recorder = Recorder(server.port)
            for credentials in ("all", "safe"):
                check_logins(options, checks, server, recorder, credentials)
            recorder.stop()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
