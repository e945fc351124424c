"""Conda artifacts made in memory: small, sound, and distinct by their payload."""

import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass, field

import zstandard


@dataclass(frozen=True)
class Artifact:
    """An artifact's bytes and what they say about themselves."""

    name: str
    version: str
    build: str
    subdir: str
    extension: str
    data: bytes = field(repr=False)

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-{self.build}{self.extension}"

    @property
    def sha256(self) -> str:
        return sha256(self.data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make(
    name: str, version: str, build: str, *, subdir: str = "noarch", extension: str = ".conda",
    depends: list[str] | None = None, payload: bytes = b"", fields: dict | None = None,
) -> Artifact:
    """An artifact with one file, `share/<name>`, that holds `payload`; `fields` are put into its index.json."""
    index = {
        "name": name, "version": version, "build": build, "build_number": 0, "subdir": subdir,
        "depends": depends or [], "license": "BSD-3-Clause", "timestamp": 1_700_000_000_000,
    }
    if subdir == "noarch":
        index["noarch"] = "generic"
    index.update(fields or {})
    path = f"share/{name}"
    paths = {
        "paths_version": 1,
        "paths": [{
            "_path": path, "path_type": "hardlink", "sha256": sha256(payload),
            "size_in_bytes": len(payload),
        }],
    }
    info = {
        "info/index.json": json.dumps(index).encode(),
        "info/about.json": json.dumps({"summary": f"summary of {name}"}).encode(),
        "info/paths.json": json.dumps(paths).encode(),
        "info/files": path.encode() + b"\n",
    }
    if extension == ".conda":
        data = _conda(f"{name}-{version}-{build}", info, {path: payload})
    else:
        data = _tar({**info, path: payload}, "w:bz2")
    return Artifact(name, version, build, subdir, extension, data)


def _tar(members: dict[str, bytes], mode: str = "w:") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for path, data in members.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _conda(distribution: str, info: dict[str, bytes], files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    compress = zstandard.ZstdCompressor(level=3).compress
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
        archive.writestr(f"pkg-{distribution}.tar.zst", compress(_tar(files)))
        archive.writestr(f"info-{distribution}.tar.zst", compress(_tar(info)))
    return buffer.getvalue()
