"""The configurations in docker/, as they are or with this test's addresses in them."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docker"


def text(name: str, replacements: dict[str, str]) -> str:
    """A shipped file with our values; each of the shipped ones must be there once."""
    found = (FOLDER / name).read_text(encoding="utf-8")
    for shipped, ours in replacements.items():
        if found.count(shipped) != 1:
            sys.exit(f"expected '{shipped}' once in docker/{name}, found it {found.count(shipped)} times")
        found = found.replace(shipped, ours)
    return found
