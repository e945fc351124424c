#!/usr/bin/env python3
"""A deployment on real S3 servers, from check-storage to the last redirect. Short enough for CI.

    end_to_end.py --server .build/release/quetz --shared ../shared [--s3 seaweedfs,swift]

For each server: check-storage is green and leaves nothing; start refuses wrong keys, a missing bucket and a dead server
in a sentence; uploads arrive; anonymous, Bearer, Basic, X-API-Key and /t/ logins download from public and private
channels, redirected and not; a presigned URL stops working after presign_ttl; ranges and HEAD come from us.
"""

import base64
import sys
import time
from pathlib import Path

from scene import Checks, arguments, artifacts, bucket, folder, get, running, Scene  # first: it finds the other modules
from deployment import Deployment, ServerError
from ports import free_port

LIFETIME = 3
CONFIG = Path(__file__).resolve().parents[2] / "config"


def check_storage(options, checks: Checks, server) -> None:
    with folder() as path:
        scene = Scene(options, path, server)
        done = scene.deployment.run("check-storage", scene.deployment.folder)
        checks.check(
            done.returncode == 0, f"check-storage: {done.stdout.strip().splitlines()[-1:]}", done.stdout + done.stderr)


def check_refusals(options, checks: Checks, server) -> None:
    cases = {
        "a wrong secret": {"QUETZ_S3_SECRET_KEY": "x" * 40},
        "an unknown key": {"QUETZ_S3_ACCESS_KEY": "AKIANOBODY"},
        "a missing bucket": {"QUETZ_S3_BUCKET_NAME": "nobody-made-this"},
        "nobody answering": {"QUETZ_S3_URL": f"http://127.0.0.1:{free_port()}", "QUETZ_S3_RETRY_BUDGET": "1"},
    }
    with folder() as path:
        for number, (title, variables) in enumerate(cases.items()):
            place = path / str(number)
            place.mkdir()
            scene = Scene(options, place, server, **variables)
            start = time.monotonic()
            done = scene.deployment.run("start", scene.deployment.folder, "--port", "0")
            reason = done.stderr.strip().splitlines()
            checks.check(
                done.returncode == 1 and len(reason) >= 2 and reason[-1] == "Aborted" and time.monotonic() - start < 30,
                f"start refuses {title}: {reason[-2] if len(reason) > 1 else reason}", done.stdout + done.stderr)


def check_examples(options, checks: Checks, server) -> None:
    """Every example in config/ that has a bucket starts, once it is told of a service that is really there."""
    examples = sorted(file for file in CONFIG.glob("*.toml") if "bucket_name =" in file.read_text() and file.stem != "config")
    for example in examples:
        with folder() as path:
            deployment = Deployment(options.server, path / "deployment", variables=server.variables)
            made = deployment.run("create", deployment.folder, "--copy-conf", example)
            started = ""
            if made.returncode == 0:
                try:
                    deployment.start()
                    deployment.kill()
                except ServerError as error:
                    started = str(error)
            checks.check(made.returncode == 0 and not started, f"config/{example.name} starts", made.stderr + started)


def logins(key: str, user: str) -> dict[str, tuple[str, dict]]:
    """Way of logging in → what stands before the path, and headers."""
    basic = base64.b64encode(f"{user}:{key}".encode()).decode()
    return {
        "Bearer": ("", {"Authorization": f"Bearer {key}"}), "Basic": ("", {"Authorization": f"Basic {basic}"}),
        "X-API-Key": ("", {"X-API-Key": key}), "/t/": (f"/t/{key}", {}),
    }


def check_downloads(options, checks: Checks, server, redirect: str, credentials: str) -> None:
    variables = {
        "QUETZ_S3_REDIRECT": redirect, "QUETZ_S3_REDIRECT_CREDENTIALS": credentials,
        "QUETZ_S3_PRESIGN_TTL": str(LIFETIME)}
    mode = f"redirect={redirect}, credentials={credentials}"
    with running(options, server, **variables) as scene:
        scene.make_channel("open")
        scene.make_channel("closed", private=True)
        artifact = artifacts.make("far", "1.0", "0", payload=bytes(range(256)) * 3000)
        for channel in ("open", "closed"):
            answer = scene.upload(channel, artifact)
            checks.check(answer.status == 201, f"{mode}: uploaded to {channel}", answer)
        path = f"/get/{{}}/noarch/{artifact.file_name}"
        ways = {"anonymous": ("open", "", {})}
        ways.update({name: ("closed", *way) for name, way in logins(scene.deployment.key, scene.deployment.user).items()})
        expired = None
        for name, (channel, prefix, headers) in ways.items():
            url = scene.deployment.url + prefix + path.format(channel)
            answer, final = get(url, headers)
            from_store = final.startswith(server.endpoint)
            expected = redirect == "presigned" and (credentials == "all" or name not in ("X-API-Key", "/t/"))
            checks.check(
                answer.status == 200 and answer.body == artifact.data and from_store == expected,
                f"{mode}: {name} gets {channel} from {'the store' if expected else 'us'}", (answer.status, final[:60]))
            if from_store:
                expired = final
        first, _ = get(scene.deployment.url + path.format("open"), follow=False)
        if redirect == "presigned":
            checks.check(
                first.status == 307 and "no-store" in first.headers["Cache-Control"], f"{mode}: a 307 that no cache keeps")
        part, final = get(scene.deployment.url + path.format("open"), {"Range": "bytes=-100"})
        checks.check(
            part.status == 206 and part.body == artifact.data[-100:] and not final.startswith(server.endpoint),
            f"{mode}: a range comes from us", part.status)
        head = scene.connections.request("HEAD", path.format("open"))
        checks.check(
            head.status == 200 and head.headers["Content-Length"] == str(len(artifact.data)), f"{mode}: HEAD comes from us")
        if expired:
            time.sleep(LIFETIME + 2)  # the URL's own clock
            answer, _ = get(expired)
            checks.check(answer.status in (400, 401, 403), f"{mode}: after presign_ttl the URL answers {answer.status}")
            checks.check("X-Amz-Signature" not in scene.deployment.log_end(1 << 20), f"{mode}: no signed URL in the log")


def main() -> int:
    options = arguments(__doc__).parse_args()
    checks = Checks("end_to_end")
    for name in options.s3.split(","):
        print(f"\n{name}", flush=True)
        with bucket(options, name) as server:
            check_storage(options, checks, server)
            check_refusals(options, checks, server)
            check_examples(options, checks, server)
            for redirect, credentials in (("presigned", "safe"), ("presigned", "all"), ("never", "safe")):
                check_downloads(options, checks, server, redirect, credentials)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
