"""What a package must put into a prefix, read from the package itself, and a comparison with what is there."""

import hashlib
import io
import json
import os
import stat
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from channel import decompress


@dataclass
class Comparison:
    """Counts of what was compared, and what was wrong."""

    equal: int = 0
    rewritten: int = 0
    links: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        return f"{self.equal} files equal, {self.links} links, {self.rewritten} with the prefix written into them"


class Contents:
    """The entries of a package's archives, and its `info/paths.json` (or `info/files`)."""

    def __init__(self, path: Path):
        self.entries: dict[str, tuple[str, bytes]] = {}
        if path.name.endswith(".conda"):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".tar.zst"):
                        self._read(decompress(archive.read(name)), "r:")
        else:
            self._read(path.read_bytes(), "r:bz2")
        self.index = json.loads(self.entries["info/index.json"][1])
        self.paths = self._paths()

    def _read(self, data: bytes, mode: str) -> None:
        with tarfile.open(fileobj=io.BytesIO(data), mode=mode) as tar:
            for member in tar:
                if member.isfile():
                    self.entries[member.name.removeprefix("./")] = ("file", tar.extractfile(member).read())
                elif member.issym():
                    self.entries[member.name.removeprefix("./")] = ("link", member.linkname.encode())
                elif member.islnk():
                    self.entries[member.name.removeprefix("./")] = self.entries[member.linkname.removeprefix("./")]

    def _paths(self) -> list[dict]:
        if "info/paths.json" in self.entries:
            return json.loads(self.entries["info/paths.json"][1])["paths"]
        names = self.entries["info/files"][1].decode().split("\n")
        return [{"_path": name} for name in names if name]

    @property
    def run_exports(self) -> dict:
        """What `info/run_exports.json` says, in CEP 21's form: a list is `weak`, what is empty is left out."""
        said = json.loads(self.entries.get("info/run_exports.json", ("file", b"{}"))[1])
        said = {"weak": said} if isinstance(said, list) else said
        return {key: value for key, value in said.items() if value}

    @property
    def lacking(self) -> list[str]:
        """Files that the package lists and does not hold: no client can install it."""
        return [path["_path"] for path in self.paths if path["_path"] not in self.entries]

    def compare(self, prefix: Path) -> Comparison:
        """Looks at every listed file in the prefix."""
        result = Comparison()
        for path in self.paths:
            name = path["_path"]
            installed = prefix / self._place(name, prefix)
            kind, data = self.entries[name]
            if not os.path.lexists(installed):
                result.problems.append(f"{name} is missing")
            elif kind == "link":
                same = os.path.islink(installed) and os.readlink(installed) == data.decode()
                result.links += same
                if not same:
                    result.problems.append(f"{name} is another link")
            else:
                self._compare_file(path, installed, data, prefix, result)
        return result

    def _compare_file(self, path: dict, installed: Path, data: bytes, prefix: Path, result: Comparison) -> None:
        found = installed.read_bytes()
        placeholder = path.get("prefix_placeholder")
        if placeholder:
            # Text: the placeholder became the prefix. Binary: padded with NUL, so the length stays.
            if path.get("file_mode") == "binary":
                right = len(found) == len(data) and placeholder.encode() not in found
            else:
                right = found == data.replace(placeholder.encode(), str(prefix).encode())
            result.rewritten += right
            if not right:
                result.problems.append(f"{path['_path']} holds other bytes, with its prefix counted in")
            return
        expected = path.get("sha256") or hashlib.sha256(data).hexdigest()
        if hashlib.sha256(found).hexdigest() != expected:
            result.problems.append(f"{path['_path']} holds other bytes")
        elif not stat.S_ISREG(os.lstat(installed).st_mode):
            result.problems.append(f"{path['_path']} is no regular file")
        else:
            result.equal += 1

    def _place(self, name: str, prefix: Path) -> str:
        """Where a client puts a file; those of `noarch: python` go where that Python looks."""
        if self.index.get("noarch") != "python":
            return name
        if name.startswith("python-scripts/"):
            return "bin/" + name.removeprefix("python-scripts/")
        if name.startswith("site-packages/"):
            return f"lib/python{_python_version(prefix)}/{name}"
        return name


def _python_version(prefix: Path) -> str:
    for file in (prefix / "conda-meta").glob("python-*.json"):
        return ".".join(json.loads(file.read_text())["version"].split(".")[:2])
    raise ValueError(f"no Python in {prefix}")
