#!/usr/bin/env python3
"""Runs all acceptance checks with real clients and real packages, and prints a table.

    acceptance.py --server .build/release/quetz --client .build/release/quetz-client [--shared ../shared] [NAME …]

Each check is a script of its own, with a server of its own: uploads, installs, commands, records, documents.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from setting import arguments

SCRIPTS = {
    "uploads": "every sample by every client: at first, again, with --force",
    "installs": "rattler installs them: shards, repodata.json.zst, repodata.json; public and private",
    "commands": "every command of the original quetz-client, and its --help",
    "documents": "every document by its schema, and read by rattler and conda-package-streaming",
    "records": "records equal those of rattler's indexer, in repodata and in shards",
}


def main() -> int:
    parser = arguments("Runs all acceptance checks, or the ones named.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCRIPTS))
    options = parser.parse_args()
    unknown = set(options.names) - SCRIPTS.keys()
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for path in (options.server, options.client, options.shared):
        if not path.exists():
            parser.error(f"{path} is missing" + ("; run 'make build' first" if path != options.shared else ""))

    rows = []
    for name in options.names or SCRIPTS:
        print(f"\n=== {name}: {SCRIPTS[name]}", flush=True)
        rows.append((name, *run(name, options)))
    print(f"\n{'check':<10} {'passed':>7} {'failed':>7} {'seconds':>8}  result")
    for name, passed, failed, seconds, code in rows:
        print(f"{name:<10} {passed:>7} {failed:>7} {seconds:>8.1f}  {'ok' if code == 0 else f'FAILED (exit {code})'}")
    return 1 if any(row[-1] for row in rows) else 0


def run(name: str, options) -> tuple[str, str, float, int]:
    """Runs one script, its output passed on; what its last line says, the time it took, and its exit code."""
    start = time.monotonic()
    command = [
        sys.executable, Path(__file__).with_name(f"{name}.py"), "--server", options.server, "--client", options.client,
        "--shared", options.shared, *(["--keep"] if options.keep else []), *(["--proxy"] if options.proxy else []),
        *(["--s3", options.s3] if options.s3 else [])]
    passed = failed = "?"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            found = re.match(rf"{name}: (\d+) checks passed, (\d+) failed", line)
            if found:
                passed, failed = found.groups()
    return passed, failed, time.monotonic() - start, process.returncode


if __name__ == "__main__":
    sys.exit(main())
