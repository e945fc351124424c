#!/usr/bin/env python3
"""Compares our MatchSpec with py-rattler's on random (spec, record) pairs; exits with 1 for a difference nobody explained.

`--pairs` of them are in the language that both share, where every answer must be the same. Pairs that use something rattler
reads otherwise than CEP 29 or conda come on the way: each difference is put under the first reason in `differences.py` that
holds for it. `docs/decisions/0016-how-match-specs-are-read.md` has the words.
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
from differences import is_shared, reason_for  # noqa: E402
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
    pairs, shared = [], []
    while sum(shared) < arguments.pairs:
        pairs.append(questions.pair())
        shared.append(is_shared(*pairs[-1]))
    ours, theirs = our_answers(arguments.driver, pairs), rattler_answers(pairs)
    outcomes, reasons, unexplained = collections.Counter(), collections.Counter(), []
    other_agreed = 0
    for (spec, record), is_common, our, their in zip(pairs, shared, ours, theirs, strict=True):
        our_kind, their_kind = our.split(":")[0], their.split(":")[0]
        if our_kind == their_kind:
            if is_common:
                outcomes[f"both say {our_kind}"] += 1
            else:
                other_agreed += 1
            continue
        reason = None if is_common else reason_for(spec, record, our_kind, rattler_answer)
        if reason is None:
            unexplained.append((spec, record, our, their))
        else:
            reasons[reason] += 1

    print(f"seed {arguments.seed}: {arguments.pairs} pairs of the shared language, {sum(outcomes.values())} answered alike")
    for outcome, count in outcomes.most_common():
        print(f"  {count:6} {outcome}")
    others = len(pairs) - arguments.pairs
    print(f"{others} pairs that rattler reads otherwise: {other_agreed} answered alike, {sum(reasons.values())} not, by reason:")
    for reason, count in reasons.most_common():
        print(f"  {count:6} {reason}")
    print(f"{len(unexplained)} unexplained")
    for spec, record, our, their in unexplained[:25]:
        print(f"unexplained: {spec!r} on {record['name']} {record['version']} {record['build']}: we {our!r}, rattler {their!r}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
