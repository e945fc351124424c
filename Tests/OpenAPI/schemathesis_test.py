#!/usr/bin/env python3
"""Lets schemathesis loose on a running server, without a key and with some, until it was asked often enough.

    schemathesis_test.py --server .build/debug/quetz [--requests 20000] [--minutes 30] [--seed 1]

Every run uses all of schemathesis' checks on `/openapi.json`, against a deployment of its own with channels of every kind,
packages and users; half of the generated names are theirs, so that requests get past the first 404. The end says how many
requests the servers counted, by status; the exit code is 0 only if no check failed, no answer was a 5xx and there were
enough requests. The server's limit on failed logins is off: it would answer the guesses of a generator with 429.
"""

import argparse
import collections
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "ScriptSupport"))
sys.dont_write_bytecode = True

import environment

environment.enter(
    {"schemathesis": "schemathesis==4.32.5", "zstandard": "zstandard==0.25.0"}, home=".build-schemathesis")

import artifacts
from deployment import Deployment

FILES = ["demo-1.0-0.conda", "demo-1.1-0.tar.bz2", "other-2.0-0.conda"]
NAMES = {
    "channel": ["lab", "vault", "copy", "relay", "channel0"], "package": ["demo", "other"], "platform": ["noarch"],
    "filename": FILES, "path": ["noarch/repodata.json", *(f"noarch/{file}" for file in FILES)], "job": [1, 2],
}


class Served:
    """A deployment with something in it, running."""

    def __init__(self, server: Path, folder: Path):
        variables = {"QUETZ_SESSION_FAILED_LOGINS": "0"}
        self.deployment = Deployment(server, folder, ("--log-level", "error"), variables)
        self.deployment.create("admins")
        self.deployment.start()
        self.owner = self.deployment.key
        for name, fields in [
            ("lab", {"private": False}), ("vault", {}),
            ("copy", {"mirror_mode": "mirror", "mirror_channel_url": "https://conda.example.org/get/x", "actions": []}),
            ("relay", {"mirror_mode": "proxy", "mirror_channel_url": "https://conda.example.org/get/x"}),
        ]:
            self.ask("POST", "/api/channels", json.dumps({"name": name, **fields}).encode())
        for channel in ("lab", "vault"):
            for name, version, extension in [("demo", "1.0", ".conda"), ("demo", "1.1", ".tar.bz2"), ("other", "2.0", ".conda")]:
                made = artifacts.make(name, version, "0", extension=extension)
                self.ask("POST", f"/api/channels/{channel}/upload/{made.file_name}?sha256={made.sha256}", made.data)
            self.ask("PUT", f"/api/channels/{channel}/actions", b'{"action": "generate_indexes"}')
        roles = [{"channel": "lab", "role": "owner"}, {"channel": "vault", "package": "demo", "role": "maintainer"}]
        answer = self.ask("POST", "/api/api-keys", json.dumps({"description": "scoped", "roles": roles}).encode())
        self.scoped = answer["key"]
        # Whose key this is would end the run with the account.
        self.users = [name for name in ("alice", "bob", "carol", "dave") if name != self.deployment.user]

    def ask(self, method: str, path: str, body: bytes):
        request = urllib.request.Request(
            self.deployment.url + path, body, {"X-API-Key": self.owner, "Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def takes(self, key: str) -> bool:
        """Whether a key still works."""
        request = urllib.request.Request(self.deployment.url + "/api/api-keys", headers={"X-API-Key": key})
        try:
            return urllib.request.urlopen(request, timeout=30).status == 200
        except urllib.error.HTTPError:
            return False

    def configuration(self) -> str:
        """schemathesis' configuration: what the repository says, and the names that are there."""
        text = (HERE / "schemathesis.toml").read_text()
        dictionaries, parameters = "", "\n[parameters]\n"
        for name, values in {**NAMES, "username": self.users}.items():
            dictionaries += f"\n[dictionaries.{name}]\nvalues = {json.dumps(values)}\n"
            parameters += f'"path.{name}" = {{ dictionary = "{name}", probability = 0.5 }}\n'
        for parameter, name in [
            ("query.username", "username"), ("query.source_channel", "channel"), ("query.source_package", "package"),
            ("query.subdir", "platform"), ("query.filename", "filename"), ("body.username", "username"),
            ("body.roles[*].channel", "channel"),
        ]:
            parameters += f'"{parameter}" = {{ dictionary = "{name}", probability = 0.5 }}\n'
        return text + dictionaries + parameters

    def statuses(self) -> collections.Counter:
        """How many requests the server has answered with which status, by its own count."""
        with urllib.request.urlopen(self.deployment.url + "/metricsp", timeout=30) as answer:
            text = answer.read().decode()
        counts = collections.Counter()
        for status, count in re.findall(r'^quetz_responses_total\{.*status_code="(\d+)".*\} (\d+)', text, re.M):
            counts[status] += int(count)
        return counts


# With these the owner's key could end itself, and the rest of the run would be one without a key: they have their own.
ACCOUNTS = ["deleteKey", "deleteUser", "setUserRole"]
RUNS = {
    "anonymous": [], "scoped": [], "owner": [f"--exclude-operation-id={name}" for name in ACCOUNTS],
    "accounts": [f"--include-operation-id={name}" for name in (*ACCOUNTS, "createKey", "listKeys", "listUsers")],
}


def run(served: Served, name: str, key: str | None, seconds: float, seed: int, folder: Path) -> bool:
    """One run of all checks; says what it found."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(served.configuration())
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run",
        served.deployment.url + "/openapi.json", "--workers", "1", "--seed", str(seed), "--max-time",
        str(int(seconds)), "--request-timeout", "20", "--continue-on-failure", "--no-color", "--warnings", "off",
        *(["-H", f"X-API-Key: {key}"] if key else []), *RUNS[name]]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    if done.returncode != 0:
        print(f"--- {name}, seed {seed}: schemathesis ended with {done.returncode}\n{done.stdout}")
    if name in ("scoped", "owner") and not served.takes(key):
        print(f"--- {name}, seed {seed}: the key does not work any more; the run was no run with a key")
        return False
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=30, help="give up after so long")
    parser.add_argument("--seconds", type=float, default=100, help="for one run")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    deadline = time.monotonic() + options.minutes * 60
    is_sound, seed, counts = True, options.seed, collections.Counter()
    while time.monotonic() < deadline and sum(counts.values()) < options.requests:
        for name in RUNS:
            with tempfile.TemporaryDirectory(prefix="quetz-openapi-") as folder:
                served = Served(options.server, Path(folder) / "deployment")
                key = {"anonymous": None, "scoped": served.scoped}.get(name, served.owner)
                try:
                    is_sound = run(served, name, key, options.seconds, seed, Path(folder)) and is_sound
                    found = served.statuses()
                finally:
                    served.deployment.stop()
            counts += found
            print(f"{name}, seed {seed}: " + listed(found), flush=True)
        seed += 1
    failed = sum(count for status, count in counts.items() if status.startswith("5"))
    print(f"{sum(counts.values())} requests: {listed(counts)}")
    return 0 if is_sound and failed == 0 and sum(counts.values()) >= options.requests else 1


def listed(counts: collections.Counter) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
