"""Stand-ins for the dependencies of the samples: packages of one file each, so that the real ones can be installed."""

import re

import artifacts

_PLACES = {"python": ("linux-64", "osx-64")}


def for_records(records: list[dict]) -> list[artifacts.Artifact]:
    """A stub for each dependency that no record of the channel fulfils by its name."""
    present = {record["name"] for record in records}
    wanted: set[tuple[str, str]] = set()
    for record in records:
        for spec in record["depends"]:
            name, _, constraint = spec.partition(" ")
            if name not in present:
                wanted.add((name, version_within(name, constraint)))
    return [
        artifacts.make(name, version, "stub_0", subdir=subdir, payload=f"a stub of {name}\n".encode())
        for name, version in sorted(wanted) for subdir in _PLACES.get(name, ("noarch",))]


def version_within(name: str, constraint: str) -> str:
    """A version that a plain constraint such as `>=1.2,<2.0a0` or `1.2.*` allows: its lower end."""
    found = re.match(r"(?:>=|==|=|~=)?\s*([0-9][0-9a-z._]*?)(?:\.?\*)?(?:[,| ]|$)", constraint)
    if found:
        return found.group(1)
    return "3.11.0" if name == "python" else "1.0"
