#!/usr/bin/env python3
"""Compares our MatchSpec with py-rattler's on random (spec, record) pairs; exits with 1 for a difference nobody explained.

Each difference is put under the first reason in `differences.py` that holds for it; those are where rattler and CEP 29
part. `docs/decisions/0016-how-match-specs-are-read.md` has the words.
"""

import argparse
import collections
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "ScriptSupport"))
import environment  # noqa: E402

environment.enter({"rattler": "py-rattler==0.28.0"}, home=".build-rattler")

import rattler  # noqa: E402
from differences import reason_for  # noqa: E402
from questions import Questions  # noqa: E402


def rattler_answers(pairs: list[tuple[str, dict]]) -> list[str]:
    return [rattler_answer(spec, record) for spec, record in pairs]


def rattler_answer(text: str, record: dict) -> str:
    try:
        spec = rattler.MatchSpec(text, exact_names_only=False)
    except Exception as error:  # rattler has a dozen kinds, all of which mean "not a spec"
        return f"error: {error}"
    its_record = rattler.PackageRecord(
        name=record["name"], version=record["version"], build=rattler.BuildString(record["build"]), build_number=record["build_number"],
        subdir=record["subdir"], license=record["license"], md5=bytes.fromhex(record["md5"]),
        sha256=bytes.fromhex(record["sha256"]),
    )
    return "match" if spec.matches(its_record) else "no match"


def our_answers(driver: str, pairs: list[tuple[str, dict]]) -> list[str]:
    lines = "".join(json.dumps({"spec": spec, "record": record}) + "\n" for spec, record in pairs)
    return subprocess.run([driver], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--driver", required=True, help="the built matchspec-driver")
    options.add_argument("--pairs", type=int, default=50_000)
    options.add_argument("--seed", type=int, default=int(time.time()))
    arguments = options.parse_args()

    questions = Questions(arguments.seed)
    pairs = [questions.pair() for _ in range(arguments.pairs)]
    ours, theirs = our_answers(arguments.driver, pairs), rattler_answers(pairs)
    outcomes, reasons, unexplained = collections.Counter(), collections.Counter(), []
    for (spec, record), our, their in zip(pairs, ours, theirs, strict=True):
        our_kind, their_kind = our.split(":")[0], their.split(":")[0]
        if our_kind == their_kind:
            outcomes[f"both say {our_kind}"] += 1
            continue
        reason = reason_for(spec, record, our_kind, rattler_answer)
        reasons[reason or "unexplained"] += 1
        if reason is None:
            unexplained.append((spec, record, our, their))

    agreed = sum(outcomes.values())
    print(f"seed {arguments.seed}: {len(pairs)} pairs, {agreed} answered alike ({100 * agreed / len(pairs):.2f} %)")
    for outcome, count in outcomes.most_common():
        print(f"  {count:6} {outcome}")
    print(f"{sum(reasons.values())} answered differently, by reason:")
    for reason, count in reasons.most_common():
        print(f"  {count:6} {reason}")
    for spec, record, our, their in unexplained[:25]:
        print(f"unexplained: {spec!r} on {record['name']} {record['version']} {record['build']}: we {our!r}, rattler {their!r}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
