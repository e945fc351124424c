#!/usr/bin/env python3
"""Kills a busy server again and again, and looks for what is lost.

    crash_test.py --server .build/release/quetz --rounds 200

Each round: uploaders publish, replace, race, are refused and hang up; after 0.05 to 1.5 s the server gets `kill -9`; it
is started again (one time in four it is killed once more on the way up). Then every package that was ever acknowledged
with 201 must be in its shard, in repodata and on disk, with the right SHA-256; what was refused or cut must not be seen;
what was under way is there as a whole or not at all. At the end the server is stopped with SIGTERM, started, and
everything is looked at once more.

Exit code: 0 if nothing was lost, 1 with details otherwise.
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ScriptSupport"))
sys.dont_write_bytecode = True

import environment

environment.enter()

from channel import Connections
from deployment import Deployment, ServerError
from ledger import Ledger
from uploader import Uploader
from verification import DeadDeployment, LiveDeployment, sample

ROUNDS_PER_CHANNEL = 20  # repodata of a channel stays at a size at which many documents are made per round
OLD_FILES_PER_ROUND = 40


class CrashTest:
    def __init__(self, options: argparse.Namespace, folder: Path):
        self.options = options
        self.deployment = Deployment(options.server, folder / "deployment", ("--log-level", "warning"))
        self.dead = DeadDeployment(self.deployment)
        self.ledgers: list[Ledger] = []
        self.random = random.Random(options.seed)
        self.kills_during_uploads = 0
        self.problems: list[str] = []

    def run(self) -> None:
        self.deployment.create()
        self.deployment.start()
        for number in range(1, self.options.rounds + 1):
            if (number - 1) % ROUNDS_PER_CHANNEL == 0:
                self.open_channel()
            self.round(number)
            if self.problems:
                return
        self.last_look()

    def open_channel(self) -> None:
        ledger = Ledger(f"crash{len(self.ledgers)}")
        body = f'{{"name": "{ledger.channel}", "private": false}}'.encode()
        headers = {"X-API-Key": self.deployment.key, "Content-Type": "application/json"}
        answer = Connections(self.deployment.url).request("POST", "/api/channels", body, headers)
        if answer.status != 201:
            raise ServerError(f"no channel could be made: {answer.status} {answer.body!r}")
        self.ledgers.append(ledger)

    def round(self, number: int) -> None:
        ledger = self.ledgers[-1]
        ledger.begin_round()
        delay = self.random.uniform(0.05, 1.5)
        busy = self.upload_and_kill(number, delay)
        self.problems += ledger.problems + self.dead.problems(self.ledgers)
        start = time.monotonic()
        restarts = self.start_again()
        start_time = time.monotonic() - start
        live = LiveDeployment(self.deployment)
        there, absent = self.verify(live, ledger)
        counts = ledger.counts
        look_time = time.monotonic() - start - start_time
        print(
            f"round {number:3}: killed after {delay:.2f} s with {busy} uploads under way; "
            f"{counts['accepted']} accepted, {counts['refused'] + counts['bad, refused']} refused, "
            f"{counts['cut'] + counts['bad, cut']} cut, "
            f"{there + absent} unanswered ({there} there, {absent} not); {restarts}; "
            f"up in {start_time:.2f} s, all {len(ledger.expected)} looked at in {look_time:.2f} s"
            + ("" if not self.problems else f"; {len(self.problems)} PROBLEMS"), flush=True)

    def upload_and_kill(self, number: int, delay: float) -> int:
        """How many uploaders were waiting for an answer, or still sending, when the server was killed."""
        started = threading.Event()
        uploaders = [
            Uploader(
                index, number, f"{self.options.seed}/{number}/{index}", ("127.0.0.1", self.deployment.port),
                self.deployment.key, self.ledgers[-1], started)
            for index in range(self.options.uploaders)]
        for uploader in uploaders:
            uploader.start()
        started.set()
        time.sleep(delay)
        if not self.deployment.is_running:
            self.problems.append(f"the server died by itself:\n{self.deployment.log_end()}")
        busy = sum(uploader.is_busy for uploader in uploaders)
        self.deployment.kill()
        for uploader in uploaders:
            uploader.end()
        for uploader in uploaders:
            uploader.join(60)
            if uploader.is_alive():
                self.problems.append(f"uploader {uploader.number} still waits a minute after the server was killed")
        self.kills_during_uploads += busy > 0
        self.ledgers[-1].close_round()
        return busy

    def start_again(self) -> str:
        """Starts the server, one time in four with another kill on the way up."""
        text = "started"
        if self.random.random() < 0.25:
            pause = self.random.uniform(0.01, 0.4)
            self.deployment.launch()
            time.sleep(pause)
            self.deployment.kill()
            self.problems += self.dead.problems(self.ledgers)
            text = f"killed again {pause:.2f} s into its start"
        self.deployment.start()
        return text

    def verify(self, live: LiveDeployment, ledger: Ledger) -> tuple[int, int]:
        self.problems += live.leftovers(self.dead.spool)
        shards, problems = live.in_shards(ledger)
        self.problems += problems
        if problems:
            return 0, 0
        observed = {name: record["sha256"] for name, record in shards.items()}
        outcome = ledger.settle(observed)
        old = sorted(ledger.expected.keys() - ledger.touched)
        names = [*ledger.touched, *sample(old, OLD_FILES_PER_ROUND, self.random)]
        names += sample(sorted(ledger.never), OLD_FILES_PER_ROUND, self.random)
        self.problems += live.in_files(ledger, names, observed)
        for older in self.ledgers[:-1]:
            names = sample(sorted(older.files), OLD_FILES_PER_ROUND // 4, self.random)
            self.problems += live.in_files(older, names, older.expected)
        self.problems += live.in_documents(ledger, shards)
        self.problems += live.unsettled()
        return outcome

    def last_look(self) -> None:
        """Everything once more, after an orderly end and a start."""
        code = self.deployment.stop()
        if code != 0:
            self.problems.append(f"the server ended with {code} after SIGTERM:\n{self.deployment.log_end()}")
        self.problems += self.dead.problems(self.ledgers)
        self.deployment.start()
        live = LiveDeployment(self.deployment)
        for ledger in self.ledgers:
            shards, problems = live.in_shards(ledger)
            observed = {name: record["sha256"] for name, record in shards.items()}
            self.problems += problems + live.in_documents(ledger, shards)
            self.problems += live.in_files(ledger, [*ledger.files, *ledger.never], observed)
        self.problems += live.unsettled()
        self.deployment.stop()

    @property
    def acknowledged(self) -> int:
        return sum(ledger.acknowledged for ledger in self.ledgers)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--server", type=Path, required=True, help="the quetz executable")
    parser.add_argument("--uploaders", type=int, default=8)
    parser.add_argument("--seed", type=int, default=None, help="for the same order of uploads and kill times")
    parser.add_argument("--keep", action="store_true", help="keep the deployment (it is kept anyway after a failure)")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    folder = Path(tempfile.mkdtemp(prefix="quetz-crash-"))
    print(
        f"crash test: {options.rounds} rounds, {options.uploaders} uploaders, seed {options.seed}, in {folder}",
        flush=True)
    test = CrashTest(options, folder)
    try:
        test.run()
    except ServerError as error:
        test.problems.append(str(error))
    finally:
        if test.deployment.is_running:
            test.deployment.kill()
    for problem in test.problems[:50]:
        print(f"VIOLATION: {problem}", file=sys.stderr)
    summary = (
        f"{options.rounds} rounds, {test.acknowledged} acknowledged packages, "
        f"{test.kills_during_uploads} kills during uploads")
    if test.problems:
        print(
            f"CRASH TEST FAILED: {summary}, {len(test.problems)} violations; see {folder} and its log",
            file=sys.stderr)
        return 1
    if not options.keep:
        shutil.rmtree(folder)
    print(f"CRASH TEST: {summary}, 0 lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
