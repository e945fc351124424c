#!/usr/bin/env python3
"""Moves a deployment's packages local → seaweedfs → minio → local, each leg killed and resumed in the middle.

    transfer.py --server .build/release/quetz --shared ../shared [--packages 2000]

At the end every package is served again with the hash it was uploaded with.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from scene import Checks, arguments, artifacts, bucket, folder, Scene, sha256


def fill(scene: Scene, count: int) -> dict[str, str]:
    """Uploads small packages; file name → hash."""
    scene.make_channel("moved")
    hashes = {}

    def one(number: int) -> tuple[str, str]:
        payload = os.urandom(2000 + 7 * (number % 1000))
        artifact = artifacts.make(f"package{number}", "1.0", "0", payload=payload)
        answer = scene.upload("moved", artifact)
        if answer.status != 201:
            raise SystemExit(f"upload of {artifact.file_name}: {answer}")
        return artifact.file_name, artifact.sha256

    with ThreadPoolExecutor(8) as pool:
        hashes.update(pool.map(one, range(count)))
    return hashes


def leg(checks: Checks, scene: Scene, title: str, *arguments: object) -> None:
    """One transfer: killed once it is well under way, then run to its end."""
    command = [scene.deployment.server, "transfer", scene.deployment.folder, *map(str, arguments)]
    start = time.monotonic()
    whole = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    whole.stdout.readline()  # it has begun
    time.sleep(0.7)
    whole.send_signal(signal.SIGKILL)
    whole.wait()
    done = subprocess.run(command, capture_output=True, text=True)
    last = [line for line in done.stdout.splitlines() if "copied" in line]
    checks.check(
        done.returncode == 0, f"{title}: killed after 0.7 s, then {last[-1:]} ({time.monotonic() - start:.1f} s)",
        done.stdout + done.stderr)


def served(scene: Scene, hashes: dict[str, str]) -> list[str]:
    """The packages that do not come back with their hash."""
    def wrong(name: str) -> bool:
        answer = scene.connections.get(f"/get/moved/noarch/{name}", scene.headers())
        return answer.status != 200 or sha256(answer.body) != hashes[name]

    with ThreadPoolExecutor(8) as pool:
        return [name for name, is_wrong in zip(hashes, pool.map(wrong, hashes)) if is_wrong]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--packages", type=int, default=2000)
    options = parser.parse_args()
    checks = Checks("transfer")
    with folder() as path, bucket(options, "seaweedfs") as first, bucket(options, "minio") as second:
        (path / "first.toml").write_text(first.toml)
        (path / "second.toml").write_text(second.toml)
        scene = Scene(options, path, None)
        scene.start()
        hashes = fill(scene, options.packages)
        checks.check(len(hashes) == options.packages, f"{len(hashes)} packages uploaded")
        scene.deployment.stop()
        leg(checks, scene, "local → seaweedfs", "--to", path / "first.toml")
        leg(checks, scene, "seaweedfs → minio", "--from", path / "first.toml", "--to", path / "second.toml")
        # What was local goes, so that the last leg has to bring everything back.
        packages = scene.deployment.files("packages")
        for file in packages:
            file.unlink()
        checks.check(len(packages) >= options.packages, f"{len(packages)} local files removed")
        leg(checks, scene, "minio → local", "--from", path / "second.toml", "--to", "local")
        scene.start()
        wrong = served(scene, hashes)
        checks.check(not wrong, f"{len(hashes)} packages are served with the hashes they were uploaded with", wrong[:5])
        scene.deployment.kill()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
