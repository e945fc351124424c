"""Signs random requests with our signer and with botocore; the signatures must be equal.

    python3 sign_test.py --program .build/debug/sign-requests [--count 10000] [--seed N]

Needs the PyPI package botocore (`make sign-test` puts it into .build-venv). Prints how many requests agreed; on the
first that does not, both canonical requests and the seed that makes the run again.
"""

import argparse
import hashlib
import json
import random
import re
import subprocess
import sys

import botocore_signer
import requests_at_random


def run_ours(program, lines):
    """What our program makes of the requests, in their order."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True, timeout=500)
    return [json.loads(line) for line in done.stdout.splitlines()]


def same(ours, theirs):
    """Whether two results are equal; a URL's parameters may stand in any order."""

    def parts(target):
        path, _, query = target.partition("?")
        return path, sorted(query.split("&"))

    return parts(ours) == parts(theirs) if ours.startswith("/") else ours == theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()

    rng = random.Random(options.seed)
    lines = [requests_at_random.make(rng) for _ in range(options.count)]
    results = run_ours(options.program, lines)
    if len(results) != len(lines):
        sys.exit(f"sign-test: {len(lines)} requests, but {len(results)} answers")
    for number, (line, ours) in enumerate(zip(lines, results)):
        canonical, theirs = botocore_signer.sign(line)
        if canonical != ours["canonical"] or not same(ours["result"], theirs):
            sys.exit(
                f"sign-test: request {number} of seed {options.seed} differs\n{json.dumps(line)}\n"
                f"--- botocore\n{canonical}\n{theirs}\n--- ours\n{ours['canonical']}\n{ours['result']}"
            )
    queries = sum("expires" in line for line in lines)
    tokens = sum(line["token"] is not None for line in lines)
    ports = sum(bool(re.search(r":\d+$", dict(line["headers"])["Host"])) for line in lines)
    digest = hashlib.sha256("".join(each["result"] for each in results).encode()).hexdigest()
    print(
        f"sign-test: {len(lines)} requests signed as botocore {botocore_signer.VERSION} signs them: "
        f"{len(lines) - queries} by header, {queries} by query, {tokens} with session token, {ports} with port "
        f"(seed {options.seed}, sha256 of the results {digest[:16]})"
    )


if __name__ == "__main__":
    main()
