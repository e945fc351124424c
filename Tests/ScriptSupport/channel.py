"""A channel as a client sees it: its documents, shards (CEP 16) and files, over keep-alive connections."""

import hashlib
import http.client
import json
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgpack
import zstandard


class ChannelError(Exception):
    """What the server serves is no sound channel; the message says what and where."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)


class Connections:
    """One keep-alive connection per thread to one server."""

    def __init__(self, url: str, timeout: float = 30):
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        self._timeout = timeout
        self._local = threading.local()

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> Answer:
        for is_last in (False, True):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = http.client.HTTPConnection(*self._address, timeout=self._timeout)
                self._local.connection = connection
            try:
                connection.request(method, path, body=body, headers=headers or {})
                response = connection.getresponse()
                return Answer(response.status, response.headers, response.read())
            except (OSError, http.client.HTTPException):
                connection.close()
                self._local.connection = None
                # The server may close an idle connection at any time; asked a second time, a fresh one is used.
                if is_last or method not in ("GET", "HEAD"):
                    raise
        raise AssertionError("unreachable")

    def get(self, path: str, headers: dict | None = None) -> Answer:
        return self.request("GET", path, headers=headers)


@dataclass
class SubdirShards:
    """A subdir's shard index, and the records of all its shards, in repodata's form: digests as hex."""

    info: dict
    digests: dict[str, str]
    packages: dict[str, dict]
    conda_packages: dict[str, dict]

    @property
    def records(self) -> dict[str, dict]:
        return {**self.packages, **self.conda_packages}


class Channel:
    """Reads a channel's documents; complains about everything that contradicts itself."""

    def __init__(self, connections: Connections, name: str, headers: dict | None = None):
        self.name = name
        self._connections = connections
        self._headers = headers or {}
        self._shards: dict[str, dict] = {}

    def get(self, path: str) -> Answer:
        return self._connections.get(f"/get/{self.name}/{path}", self._headers)

    def document(self, path: str) -> bytes:
        answer = self.get(path)
        if answer.status != 200:
            raise ChannelError(f"{self.name}/{path}: status {answer.status}")
        return answer.body

    def repodata(self, subdir: str) -> dict:
        return json.loads(self.document(f"{subdir}/repodata.json"))

    def shards(self, subdir: str) -> SubdirShards:
        """The index and all shards; a shard already seen is not asked for again."""
        where = f"{self.name}/{subdir}"
        index = _unpack(self.document(f"{subdir}/repodata_shards.msgpack.zst"))
        if index["version"] != 1 or index["info"]["subdir"] != subdir:
            raise ChannelError(f"{where}: odd shard index {index['version']!r}, {index['info']!r}")
        found = SubdirShards(index["info"], {}, {}, {})
        for name, digest in index["shards"].items():
            if not isinstance(digest, bytes) or len(digest) != 32:
                raise ChannelError(f"{where}: the hash of shard {name} is {digest!r}")
            found.digests[name] = digest.hex()
            shard = self._shard(subdir, index["info"]["shards_base_url"], digest.hex())
            for key, records in (("packages", found.packages), ("packages.conda", found.conda_packages)):
                for file_name, record in shard[key].items():
                    if record["name"] != name:
                        raise ChannelError(f"{where}: {file_name} lies in the shard of {name}")
                    records[file_name] = record
        return found

    def _shard(self, subdir: str, base: str, digest: str) -> dict:
        if digest not in self._shards:
            body = self.document(f"{subdir}/{base.removeprefix('./')}{digest}.msgpack.zst")
            if hashlib.sha256(body).hexdigest() != digest:
                raise ChannelError(f"{self.name}/{subdir}: the bytes of shard {digest} have another hash")
            shard = _unpack(body)
            for records in (shard["packages"], shard["packages.conda"]):
                for record in records.values():
                    record["sha256"], record["md5"] = record["sha256"].hex(), record["md5"].hex()
            self._shards[digest] = shard
        return self._shards[digest]

    def forget_shards(self) -> None:
        self._shards = {}


def decompress(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _unpack(data: bytes):
    return msgpack.unpackb(decompress(data), raw=False, strict_map_key=True)
