"""Looks at what a crash left: first at the dead deployment's own files, then through the server started again."""

import hashlib
import json
import random
import shutil
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from channel import Channel, ChannelError, Connections, decompress
from deployment import Deployment
from ledger import Ledger
from uploader import SUBDIRS

SETTLING_TIME = 20.0  # seconds that the debounced documents may take


class DeadDeployment:
    """The deployment while nothing runs. Its database is opened as a copy: the server shall find it as it was left."""

    def __init__(self, deployment: Deployment):
        self._deployment = deployment
        self._sound: set[Path] = set()
        self.spool: set[str] = set()

    def problems(self, ledgers: list[Ledger]) -> list[str]:
        self.spool = {file.name for file in self._deployment.files("spool")}
        refused = {digest: ledger.channel for ledger in ledgers for digest in ledger.refused_digests}
        known = {digest for ledger in ledgers for digest in ledger.known_digests}
        problems, named = self._database_problems()
        for part in ("packages", "documents"):
            for file in self._deployment.files(part):
                if file.parent.name == ".tmp":
                    continue
                # A document that no row names yet may be half written.
                if file not in self._sound and (part == "packages" or file.name in named):
                    if hashlib.sha256(file.read_bytes()).hexdigest() != file.name:
                        problems.append(f"{file}: the bytes have another SHA-256 than the name")
                    self._sound.add(file)
                if part == "packages" and file.name in refused:
                    problems.append(f"{file}: bytes of an upload that was refused are kept")
                elif part == "packages" and file.name not in known:
                    problems.append(f"{file}: bytes that nobody uploaded")
        return problems

    def _database_problems(self) -> tuple[list[str], set[str]]:
        """What is wrong with the database; and the digests of the documents and shards that its rows name."""
        named: set[str] = set()
        folder = Path(tempfile.mkdtemp(prefix="quetz-database-"))
        try:
            for suffix in ("", "-wal"):
                source = Path(f"{self._deployment.folder}/quetz.sqlite{suffix}")
                if source.exists():
                    shutil.copy(source, folder)
            database = sqlite3.connect(folder / "quetz.sqlite")
            problems = [f"integrity_check: {row[0]}" for row in database.execute("PRAGMA integrity_check")
                        if row[0] != "ok"]
            problems += [f"foreign_key_check: {row}" for row in database.execute("PRAGMA foreign_key_check")]
            # A shard index is in memory only for a moment, and made again by the next start.
            written = "document WHERE path NOT LIKE '%/repodata_shards.msgpack.zst'"
            for part, table in (("packages", "artifact"), ("documents", "shard"), ("documents", written)):
                for (digest,) in database.execute(f"SELECT DISTINCT lower(hex(sha256)) FROM {table}"):
                    if part == "documents":
                        named.add(digest)
                    if not (self._deployment.folder / part / "sha256" / digest[:2] / digest).exists():
                        problems.append(f"{part} lacks {digest}, which a row of {table} names")
            problems += [f"the package {row[0]} came out of a refused upload" for row in database.execute(
                "SELECT name FROM package WHERE name LIKE 'refused-%'")]
            database.close()
            return problems, named
        finally:
            shutil.rmtree(folder)


class LiveDeployment:
    """The deployment as clients see it, after a start."""

    def __init__(self, deployment: Deployment):
        self._deployment = deployment
        self._connections = Connections(deployment.url)
        self._channels: dict[str, Channel] = {}

    def leftovers(self, spool: set[str]) -> list[str]:
        """What a start must have cleared away; `spool` is what lay there before."""
        problems = [f"{file}: left in the spool by a dead process" for file in self._deployment.files("spool")
                    if file.name in spool]
        problems += [f"{file}: a leftover" for file in self._deployment.files("packages") if file.parent.name == ".tmp"]
        return problems

    def unsettled(self) -> list[str]:
        """Once no documents are being made, nothing may lie in folders for files on their way."""
        deadline = time.monotonic() + SETTLING_TIME
        while True:
            files = [*self._deployment.files("spool"), *(
                file for part in ("packages", "documents") for file in self._deployment.files(part)
                if file.parent.name == ".tmp")]
            if not files or time.monotonic() > deadline:
                return [f"{file}: still there while nothing is going on" for file in files]
            time.sleep(0.05)

    def in_shards(self, ledger: Ledger) -> tuple[dict[str, dict], list[str]]:
        """All records of the channel's shards, right now; and in what they contradict the ledger."""
        try:
            return self._read_shards(ledger)
        except (ChannelError, KeyError, ValueError) as error:
            return {}, [f"shards of {ledger.channel}: {error!r}"]

    def _read_shards(self, ledger: Ledger) -> tuple[dict[str, dict], list[str]]:
        records, problems = {}, []
        for subdir in SUBDIRS:
            found = self._channel(ledger).shards(subdir).records
            problems += [f"{name}: in the shards of two subdirs" for name in found if name in records]
            problems += [f"{name}: in {subdir}, but says {record['subdir']}" for name, record in found.items()
                         if record["subdir"] != subdir]
            records.update(found)
        for name, state in ledger.files.items():
            found = records[name]["sha256"] if name in records else None
            if found not in state.allowed:
                problems.append(f"{name}: {found} is in its shard, expected {state.allowed}")
        problems += [f"{name}: in a shard, but " + ("was refused or cut" if name in ledger.never else "never uploaded")
                     for name in records if name not in ledger.files]
        return records, problems

    def in_documents(self, ledger: Ledger, shards: dict[str, dict]) -> list[str]:
        """Waits until `repodata.json` and its `.zst` hold the records of the shards; what still differs in the end."""
        deadline = time.monotonic() + SETTLING_TIME
        while True:
            try:
                problems = self._document_problems(ledger, shards)
            except (ChannelError, KeyError, ValueError) as error:
                problems = [f"documents of {ledger.channel}: {error!r}"]
            if not problems or time.monotonic() > deadline:
                return problems
            time.sleep(0.1)

    def _document_problems(self, ledger: Ledger, shards: dict[str, dict]) -> list[str]:
        problems = []
        channel = self._channel(ledger)
        served: dict[str, dict] = {}
        for subdir in SUBDIRS:
            text = channel.document(f"{subdir}/repodata.json")
            if decompress(channel.document(f"{subdir}/repodata.json.zst")) != text:
                problems.append(f"{ledger.channel}/{subdir}: repodata.json.zst holds other bytes than repodata.json")
            repodata = json.loads(text)
            for key, extension in (("packages", ".tar.bz2"), ("packages.conda", ".conda")):
                problems += [f"{name}: under {key}" for name in repodata[key] if not name.endswith(extension)]
                served.update(repodata[key])
        for name in sorted(served.keys() | shards.keys()):
            record = {key: value for key, value in shards.get(name, {}).items() if key != "run_exports"}
            if served.get(name) != record:
                problems.append(f"{name}: repodata has {served.get(name)}, its shard {shards.get(name)}")
        names = {record["name"] for record in shards.values()}
        data = json.loads(channel.document("channeldata.json"))
        if names - data["packages"].keys():
            problems.append(f"{ledger.channel}: channeldata.json lacks {sorted(names - data['packages'].keys())}")
        return problems

    def in_files(self, ledger: Ledger, names: list[str], observed: dict[str, str]) -> list[str]:
        """Downloads files; each has the bytes of its record, or is 404 where there is none."""

        def check(name: str) -> str | None:
            subdirs = [ledger.files[name].subdir] if name in ledger.files else SUBDIRS
            for subdir in subdirs:
                answer = self._channel(ledger).get(f"{subdir}/{name}")
                if name in observed:
                    if answer.status != 200:
                        return f"{name}: GET answers {answer.status}"
                    digest = hashlib.sha256(answer.body).hexdigest()
                    if digest != observed[name]:
                        return f"{name}: GET gives bytes with SHA-256 {digest}, the record says {observed[name]}"
                elif answer.status != 404:
                    return f"{name}: GET answers {answer.status}, but there must be nothing"
            return None

        with ThreadPoolExecutor(4) as pool:
            return [problem for problem in pool.map(check, names) if problem]

    def _channel(self, ledger: Ledger) -> Channel:
        if ledger.channel not in self._channels:
            self._channels[ledger.channel] = Channel(self._connections, ledger.channel)
        return self._channels[ledger.channel]


def sample(names: list[str], count: int, source: random.Random) -> list[str]:
    return names if len(names) <= count else source.sample(names, count)
