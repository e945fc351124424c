#!/usr/bin/env python3
"""Cuts the power of a busy server's file system, and looks for what is lost.

    power_cut_test.py --server .build/release/quetz --rounds 5 [--file-systems ext4,ext4-without-journal,xfs,btrfs]

Needs root, loop devices, and the programs that make the file systems. Each round: a new file system in an image, mounted;
a deployment on it; uploaders publish. After a while the server is stopped as it stands (SIGSTOP), and the image is copied:
the copy has what was handed to the device, and nothing of what waits in memory, as after a power cut. The copy is mounted,
which replays its journal, the server is started on it as after a reboot, and every package that was acknowledged with 201
before the cut must be in its shard and on disk, with the right bytes.

Exit code: 0 if nothing was lost, 1 with details otherwise.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ScriptSupport"))
sys.dont_write_bytecode = True

import environment

environment.enter()

import artifacts
from channel import Channel, ChannelError, Connections
from deployment import Deployment, ServerError

IMAGE_SIZE = 1 << 30
SMALL, LARGE = 20_000, 400_000  # below and above what an upload keeps in memory (256 KiB)
MAKERS = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "ext4-without-journal": ["mkfs.ext4", "-q", "-F", "-O", "^has_journal"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}


# What an administrator has to run after a power cut, before mounting; the others have a journal.
REPAIR = {"ext4-without-journal": ["e2fsck", "-f", "-y"]}


@contextmanager
def mounted(image: Path, folder: Path):
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


class Uploader(threading.Thread):
    """Publishes one package after the other over one connection, and keeps what was acknowledged."""

    def __init__(self, number: int, deployment: Deployment):
        super().__init__(daemon=True)
        self.number, self.deployment = number, deployment
        self.acknowledged: dict[str, artifacts.Artifact] = {}
        self.problem: str | None = None

    def run(self) -> None:
        connections = Connections(self.deployment.url)
        noise = random.Random(self.number)
        for count in range(100_000):
            size = LARGE if noise.random() < 0.05 else SMALL
            package = artifacts.make(
                f"p{self.number}-{count // 3}", f"{count}.0", "0", subdir="linux-64", payload=noise.randbytes(size))
            path = f"/api/channels/channel0/upload/{package.file_name}?sha256={package.sha256}"
            try:
                answer = connections.request("POST", path, package.data, {"X-API-Key": self.deployment.key})
            except OSError:
                return  # the server was killed
            if answer.status != 201:
                self.problem = f"{package.file_name}: {answer.status} {answer.body!r}"
                return
            self.acknowledged[package.file_name] = package


def cut(image: Path, copy: Path, deployment: Deployment, uploaders: list[Uploader]) -> dict[str, artifacts.Artifact]:
    """Copies what the device has; returns what was acknowledged before."""
    os.kill(deployment.pid, signal.SIGSTOP)
    time.sleep(0.05)  # answers that are on their way arrive
    acknowledged = {name: package for uploader in uploaders for name, package in list(uploader.acknowledged.items())}
    subprocess.run(["cp", "--sparse=always", image, copy], check=True)
    deployment.kill()
    return acknowledged


def after_the_cut(server: Path, folder: Path, acknowledged: dict[str, artifacts.Artifact]) -> list[str]:
    """What is missing or wrong, once the server has started as after a reboot and made again what it can."""
    database = sqlite3.connect(folder / "quetz.sqlite")
    database.execute("UPDATE setting SET value = 'another run of the machine' WHERE key = 'bootID'")
    database.commit()
    database.close()
    deployment = Deployment(server, folder)
    deployment.start()
    try:
        deadline = time.monotonic() + 60
        while b"all derived files were looked at" not in deployment.new_log():
            if time.monotonic() > deadline:
                return ["the derived files were not looked at within a minute"]
            time.sleep(0.02)
        channel = Channel(Connections(deployment.url), "channel0")
        records = channel.shards("linux-64").records
        problems = []
        for name, package in acknowledged.items():
            if records.get(name, {}).get("sha256") != package.sha256:
                problems.append(f"{name} is not in its shard")
            answer = channel.get(f"linux-64/{name}")
            if answer.status != 200 or answer.body != package.data:
                problems.append(f"{name}: status {answer.status}, {len(answer.body)} of {len(package.data)} bytes")
        return problems
    finally:
        deployment.stop()


def one_round(server: Path, kind: str, root: Path, seconds: float) -> tuple[int, list[str]]:
    """How many packages were acknowledged before the cut, and what is wrong after it."""
    image, copy = root / "image", root / "copy"
    for path in (image, copy):
        path.unlink(missing_ok=True)
    with open(image, "wb") as file:
        file.truncate(IMAGE_SIZE)
    subprocess.run([*MAKERS[kind], image], check=True, stdout=subprocess.DEVNULL)
    with mounted(image, root / "disk") as disk:
        deployment = Deployment(server, disk / "deployment", ("--log-level", "warning"))
        deployment.create()
        deployment.start()
        uploaders = [Uploader(number, deployment) for number in range(8)]
        for uploader in uploaders:
            uploader.start()
        time.sleep(seconds)
        acknowledged = cut(image, copy, deployment, uploaders)
        for uploader in uploaders:
            uploader.join(60)
        problems = [uploader.problem for uploader in uploaders if uploader.problem]
    if kind in REPAIR:
        subprocess.run([*REPAIR[kind], copy], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with mounted(copy, root / "disk") as disk:
        return len(acknowledged), problems + after_the_cut(server, disk / "deployment", acknowledged)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--server", type=Path, required=True, help="the quetz executable")
    parser.add_argument("--rounds", type=int, default=5, help="for each file system")
    parser.add_argument("--file-systems", default=",".join(MAKERS))
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("mounting a file system takes root")
    generator = random.Random()
    root = Path(tempfile.mkdtemp(prefix="quetz-power-"))
    total, lost = 0, []
    try:
        for kind in options.file_systems.split(","):
            if not shutil.which(MAKERS[kind][0]):
                sys.exit(f"{MAKERS[kind][0]} is missing (Debian: e2fsprogs, xfsprogs, btrfs-progs)")
            for number in range(1, options.rounds + 1):
                count, problems = one_round(options.server, kind, root, generator.uniform(0.3, 2))
                total += count
                lost += problems
                print(f"{kind}, round {number}: {count} acknowledged before the cut, {len(problems)} problems", flush=True)
    except (ServerError, ChannelError) as error:
        lost.append(str(error))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    for problem in lost[:50]:
        print(f"VIOLATION: {problem}", file=sys.stderr)
    print(f"POWER CUT TEST: {total} acknowledged packages, {len(lost)} problems")
    return 1 if lost or not total else 0


if __name__ == "__main__":
    sys.exit(main())
