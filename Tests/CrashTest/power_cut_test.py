#!/usr/bin/env python3
"""Cuts the power of a busy server's file system, and looks for what is lost.

    power_cut_test.py --server .build/release/quetz --rounds 5 [--file-systems ext4,ext4-without-journal,xfs,btrfs]

Needs root, loop devices, and the programs that make the file systems. Each round: a new file system in an image, mounted;
a deployment on it; uploaders publish. After a while the server is stopped as it stands (SIGSTOP), and the image is copied:
the copy has what was handed to the device, and nothing of what waits in the machine's memory. It is mounted, which replays
its journal, the server is started on it as after a reboot, and every package that was acknowledged with 201 before the
cut must be in its shard and on disk, with the right bytes.

In every second round only the packages are on the image: with the database beside them, its syncs bring a journal's earlier
names along, and nothing is proven of the packages' own.

Not modelled: a disk that keeps what it was given in a cache of its own and loses that too. What the kernel writes by itself
while the image is copied may hide a loss, so rounds are many and short.

Exit code: 0 if nothing was lost, 1 with details otherwise.
"""

import argparse
import http.client
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
    # Not by default: some kernels cannot always replay such a journal ("JBD2: journal recovery failed"), whoever wrote to it.
    "ext4-fast-commit": ["mkfs.ext4", "-q", "-F", "-O", "fast_commit"],
    "ext4-without-journal": ["mkfs.ext4", "-q", "-F", "-O", "^has_journal"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}


# What an administrator has to run after a power cut, before mounting; the others repair themselves.
REPAIR = {"ext4-without-journal": ["e2fsck", "-f", "-y"]}


@contextmanager
def mounted(image: Path, folder: Path):
    folder.mkdir(exist_ok=True)
    if shutil.which("btrfs"):  # which takes a copy for the original's other half
        subprocess.run(["btrfs", "device", "scan", "--forget"], check=False, capture_output=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    try:
        yield folder
    finally:
        if subprocess.run(["umount", folder], check=False).returncode != 0:
            subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def running(deployment: Deployment):
    """Starts it, and sees to it that it does not outlive the body, not even stopped."""
    try:
        deployment.start()
        yield
    finally:
        if deployment.is_running:
            deployment.kill()


@contextmanager
def forgetting(is_wanted: bool):
    """Has the kernel forget folder entries that nobody uses, again and again, as one that is short of memory does."""
    end = threading.Event()

    def forget() -> None:
        while not end.is_set():
            Path("/proc/sys/vm/drop_caches").write_text("2")

    thread = threading.Thread(target=forget, daemon=True)
    if is_wanted:
        thread.start()
    try:
        yield
    finally:
        end.set()
        if is_wanted:
            thread.join()


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
            except (OSError, http.client.HTTPException):
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


def after_the_cut(deployment: Deployment, acknowledged: dict[str, artifacts.Artifact]) -> list[str]:
    """What is missing or wrong, once the server has started as after a reboot and made again what it can."""
    database = sqlite3.connect(deployment.folder / "quetz.sqlite")
    changed = database.execute("UPDATE setting SET value = 'another run of the machine' WHERE key = 'bootID'")
    assert changed.rowcount == 1
    database.commit()
    database.close()
    with running(deployment):
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


def new_image(kind: str, root: Path) -> Path:
    image = root / "image"
    for path in (image, root / "copy"):
        path.unlink(missing_ok=True)
    with open(image, "wb") as file:
        file.truncate(IMAGE_SIZE)
    subprocess.run([*MAKERS[kind], image], check=True, stdout=subprocess.DEVNULL)
    return image


def new_deployment(server: Path, root: Path, disk: Path, is_whole: bool) -> Deployment:
    """A deployment on the disk, or only its packages."""
    shutil.rmtree(root / "deployment", ignore_errors=True)
    deployment = Deployment(server, (disk if is_whole else root) / "deployment")
    deployment.log = root / "server.log"
    deployment.create()
    if not is_whole:
        packages = deployment.folder / "packages"
        packages.rename(packages.with_name("unused"))
        (disk / "packages").mkdir()
        packages.symlink_to(disk / "packages")
    return deployment


def one_round(
    server: Path, kind: str, root: Path, seconds: float, is_whole: bool, uploader_count: int
) -> tuple[int, list[str]]:
    """How many packages were acknowledged before the cut, and what is wrong after it."""
    image, copy = new_image(kind, root), root / "copy"
    with mounted(image, root / "disk") as disk:
        deployment = new_deployment(server, root, disk, is_whole)
        with running(deployment):
            uploaders = [Uploader(number, deployment) for number in range(uploader_count)]
            for uploader in uploaders:
                uploader.start()
            time.sleep(seconds)
            acknowledged = cut(image, copy, deployment, uploaders)
            for uploader in uploaders:
                uploader.join(60)
            problems = [uploader.problem for uploader in uploaders if uploader.problem]
    if kind in REPAIR:
        done = subprocess.run([*REPAIR[kind], copy], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode >= 4:
            return len(acknowledged), [*problems, f"{REPAIR[kind][0]} ended with {done.returncode}"]
    with mounted(copy, root / "disk"):
        return len(acknowledged), problems + after_the_cut(deployment, acknowledged)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--server", type=Path, required=True, help="the quetz executable")
    parser.add_argument("--rounds", type=int, default=5, help="for each file system")
    parser.add_argument("--uploaders", type=int, default=8, help="with one, no other's syncs bring its names along")
    parser.add_argument("--forgetful", action="store_true", help="the kernel forgets folder entries all the time")
    parser.add_argument("--file-systems", default="ext4,ext4-without-journal,xfs,btrfs", help=f"of {', '.join(MAKERS)}")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("mounting a file system takes root")
    generator = random.Random()
    kinds = options.file_systems.split(",")
    for program in [command[0] for kind in kinds for command in (MAKERS[kind], *([REPAIR[kind]] if kind in REPAIR else []))]:
        if not shutil.which(program):
            sys.exit(f"{program} is missing (Debian: e2fsprogs, xfsprogs, btrfs-progs)")
    root = Path(tempfile.mkdtemp(prefix="quetz-power-"))
    total, lost = 0, []
    try:
        for kind in kinds:
            for number in range(1, options.rounds + 1):
                is_whole = number % 2 == 1
                seconds = generator.uniform(0.3, 2)
                with forgetting(options.forgetful):
                    count, problems = one_round(options.server, kind, root, seconds, is_whole, options.uploaders)
                total += count
                lost += problems
                what = "everything" if is_whole else "packages"
                print(
                    f"{kind}, round {number} ({what}): {count} acknowledged before the cut, {len(problems)} problems",
                    flush=True)
    except (ServerError, ChannelError, subprocess.CalledProcessError) as error:
        lost.append(str(error))
    finally:
        if not os.path.ismount(root / "disk"):
            shutil.rmtree(root, ignore_errors=True)
    for problem in lost[:50]:
        print(f"VIOLATION: {problem}", file=sys.stderr)
    print(f"POWER CUT TEST: {total} acknowledged packages, {len(lost)} problems")
    return 1 if lost or not total else 0


if __name__ == "__main__":
    sys.exit(main())
