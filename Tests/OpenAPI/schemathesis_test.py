"""Lets schemathesis loose on a running server, with and without a key, until it was asked often enough.

    python3 Tests/OpenAPI/schemathesis_test.py --server .build/debug/quetz [--requests 20000] [--minutes 8]

Every run uses all of schemathesis' checks on `/openapi.json`. The end says how many requests the server counted, by
status; the exit code is 0 only if no check failed, no answer was a 500 and there were enough requests.
"""

import argparse
import collections
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "ScriptSupport"))
from deployment import Deployment  # noqa: E402

PACKAGE = "schemathesis==4.32.5"


def environment() -> Path:
    """A virtual environment with schemathesis, made once in `.build-venv`."""
    home = REPOSITORY / ".build-venv"
    program = home / "bin" / "schemathesis"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", PACKAGE], check=True)
    return program


def statuses(deployment: Deployment) -> collections.Counter:
    """How many requests the server has answered with which status, by its own count."""
    with urllib.request.urlopen(deployment.url + "/metricsp", timeout=30) as answer:
        text = answer.read().decode()
    counts = collections.Counter()
    for status, count in re.findall(r'^quetz_responses_total\{.*status_code="(\d+)".*\} (\d+)', text, re.M):
        counts[status] += int(count)
    return counts


def run(program: Path, deployment: Deployment, name: str, headers: list[str], seconds: float, seed: int) -> bool:
    """One run of all checks; says what it found."""
    command = [
        str(program), "--config-file", str(HERE / "schemathesis.toml"), "run", deployment.url + "/openapi.json",
        "--checks", "all", "--workers", "2", "--seed", str(seed), "--max-time", str(int(seconds)),
        "--request-timeout", "20", "--continue-on-failure", "--no-color", "--warnings", "off", *headers]
    log = deployment.folder.parent / f"schemathesis-{name}-{seed}.log"
    with open(log, "w") as output:
        code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, cwd=deployment.folder.parent).returncode
    if code != 0:
        print(f"--- {name}: schemathesis ended with {code}\n{log.read_text()[-12000:]}")
    return code == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=8)
    options = parser.parse_args()
    program = environment()
    with tempfile.TemporaryDirectory(prefix="quetz-openapi-") as folder:
        deployment = Deployment(options.server, Path(folder) / "deployment")
        deployment.create()
        deployment.start()
        try:
            deadline = time.monotonic() + options.minutes * 60
            is_sound, seed = True, 1
            while time.monotonic() < deadline and sum(statuses(deployment).values()) < options.requests:
                for name, headers in [("anonymous", []), ("key", ["-H", f"X-API-Key: {deployment.key}"])]:
                    left = max(10, min(120, deadline - time.monotonic()))
                    is_sound = run(program, deployment, name, headers, left, seed) and is_sound
                seed += 1
            counts = statuses(deployment)
        finally:
            deployment.stop()
    total = sum(counts.values())
    print(f"{total} requests: " + ", ".join(f"{count} x {status}" for status, count in sorted(counts.items())))
    return 0 if is_sound and counts["500"] == 0 and total >= options.requests else 1


if __name__ == "__main__":
    sys.exit(main())
