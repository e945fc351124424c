"""The original server on the small workloads of `read_side.py`, as far as it knows them.

It has no shards, so that a package of 2 KB stands for one; it knows no 304 either, and sends the file again.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tests" / "ScriptSupport"))
import artifacts  # noqa: E402
import wrk  # noqa: E402
from upstream import Upstream  # noqa: E402

CONNECTIONS = 16


def rates(folder: Path, seconds: int) -> dict[str, wrk.Load]:
    """What it does with 16 connections, by the workload's name."""
    package = artifacts.make("small", "1.1", "0", payload=os.urandom(1500))
    path = f"/get/bench/noarch/{package.file_name}"
    loads = {}
    with Upstream(folder / "plain", supervisor=False) as peer:
        _fill(peer, package)
        key = {"X-API-Key": peer.key}
        for name, target, headers in (
                ("shard of 2 KB", path, {}), ("304", path, {"If-None-Match": '"tag"'}),
                ("404", "/get/bench/noarch/missing-1-0.conda", {}),
                ("private shard, key", path.replace("bench", "closed", 1), key)):
            loads[name] = wrk.run(peer.url + target, [peer.pid], CONNECTIONS, seconds, headers)
    os.environ |= {"QUETZ_LOCAL_STORE_REDIRECT_ENABLED": "true", "QUETZ_LOCAL_STORE_REDIRECT_SECRET": "a secret"}
    try:
        with Upstream(folder / "redirecting", supervisor=False) as peer:
            _fill(peer, package)
            loads["307 redirect"] = wrk.run(peer.url + path, [peer.pid], CONNECTIONS, seconds)
    finally:
        del os.environ["QUETZ_LOCAL_STORE_REDIRECT_ENABLED"], os.environ["QUETZ_LOCAL_STORE_REDIRECT_SECRET"]
    return loads


def _fill(peer: Upstream, package: artifacts.Artifact) -> None:
    for channel, is_private in (("bench", False), ("closed", True)):
        peer.call("POST", "/api/channels", json.dumps({"name": channel, "private": is_private}).encode(), "application/json")
        peer.call("POST", f"/api/channels/{channel}/upload/{package.file_name}?sha256={package.sha256}", package.data,
                  "application/octet-stream")
