"""What the tests of the shipped proxy configurations count."""

import sys


class Checks:
    """Counts what holds, and says what does not."""

    def __init__(self, name: str):
        self.name, self.passed, self.failed = name, 0, 0

    def equal(self, what, found, expected) -> None:
        if found == expected:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{self.name}: {what}: found {found!r}, expected {expected!r}", file=sys.stderr)

    def end(self, version: str) -> None:
        print(f"{self.name}: {self.passed} checks hold, {self.failed} do not ({version})")
        sys.exit(1 if self.failed else 0)
