"""What the uploaders know: which bytes must be served, which may be, and which never."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from wire import Outcome


# What the names of packages begin with that all uploaders send, without force.
RACE = "crash-race-"


@dataclass
class FileState:
    """One file name of a channel. The server must serve `sure`, or one of `possible`; `None` is: nothing."""

    subdir: str
    sure: str | None = None
    possible: set[str] = field(default_factory=set)
    refusals: int = 0

    @property
    def allowed(self) -> set[str | None]:
        # Who was refused because the name is taken has seen the winner's row: it must outlive the crash.
        is_taken = self.sure is None and self.refusals > 0
        return set(self.possible) if is_taken else {self.sure, *self.possible}


class Ledger:
    """The files of one channel. Uploaders write during a round, the verification reads and settles afterwards."""

    def __init__(self, channel: str):
        self.channel = channel
        self.files: dict[str, FileState] = {}
        self.touched: set[str] = set()
        self.never: set[str] = set()
        self.refused_digests: set[str] = set()
        self.known_digests: set[str] = set()
        self.problems: list[str] = []
        self.counts: Counter[str] = Counter()
        self.acknowledged = 0
        self._lock = threading.Lock()

    def begin_round(self) -> None:
        self.touched, self.counts = set(), Counter()

    def note_sound(self, file_name: str, subdir: str, digest: str, outcome: Outcome, *, force: bool = False) -> None:
        """An upload of sound bytes ended."""
        with self._lock:
            state = self.files.setdefault(file_name, FileState(subdir))
            self.touched.add(file_name)
            self.counts[outcome.value] += 1
            if outcome is Outcome.REFUSED:
                state.refusals += 1
                self.refused_digests.add(digest)
                return
            self.known_digests.add(digest)
            if outcome is Outcome.UNANSWERED:
                state.possible.add(digest)
            elif outcome is Outcome.ACCEPTED:
                if state.sure is not None and not force:
                    self.problems.append(f"{file_name}: two uploads without force were both answered with 201")
                state.sure = digest
                self.acknowledged += 1

    def note_bad(self, file_name: str, digest: str, outcome: Outcome) -> None:
        """An upload ended that no server may publish, whatever its outcome."""
        with self._lock:
            self.never.add(file_name)
            self.counts["bad, " + outcome.value] += 1
            if outcome is Outcome.ACCEPTED:
                self.problems.append(f"{file_name}: a bad upload was answered with 201")
            (self.refused_digests if outcome is Outcome.REFUSED else self.known_digests).add(digest)

    def note_unexpected(self, what: str) -> None:
        with self._lock:
            self.problems.append(what)

    def close_round(self) -> None:
        """The server is dead: of uploads that raced without force, an accepted one rules the others out."""
        for file_name in self.touched:
            state = self.files[file_name]
            if file_name.startswith(RACE) and state.sure is not None:
                state.possible.clear()
            if state.sure is None and not state.possible and state.refusals:
                self.problems.append(f"{file_name}: {state.refusals} uploads were refused, but none was accepted")

    def settle(self, observed: dict[str, str]) -> tuple[int, int]:
        """Takes what is served now as what must be served from now on; how many unanswered uploads are there, or not."""
        there = absent = 0
        for file_name in self.touched:
            state = self.files[file_name]
            for digest in state.possible:
                if observed.get(file_name) == digest:
                    there += 1
                else:
                    absent += 1
            state.sure, state.possible = observed.get(file_name), set()
        return there, absent

    @property
    def expected(self) -> dict[str, str]:
        """What must be served, by file name, once settled."""
        return {name: state.sure for name, state in self.files.items() if state.sure is not None}
