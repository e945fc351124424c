#!/usr/bin/env python3
"""Compares the records that are served, field by field, with those that rattler's own indexer writes for the same files.

Both ways a record is served are looked at, repodata.json and shards; only differences with a reason may be there.
"""

import json
import shutil
import sys
from collections import Counter
from pathlib import Path

from setting import Checks, Setting, arguments, note, running, wait_for

import artifacts
import msgpack
from channel import decompress
from contents import Contents

SUBDIRS = ("noarch", "linux-64", "osx-64")
INDEXER = """
import asyncio, os, sys
from rattler.index import index_fs
asyncio.run(index_fs(sys.argv[1], write_zst=True, write_shards=True, force=True))
sys.stdout.flush()
os._exit(0)  # py-rattler can abort while the interpreter shuts down, after all work is done
"""

REASONS = {
    "indexed_timestamp": "when this channel first indexed the file (CEP 47); rattler takes its own time",
    "time_modified": "upstream Quetz has it: seconds since the file was uploaded or replaced",
    "kept": "a key of index.json that rattler does not know; CEP 36 has all of index.json in the record",
    "run_exports": "shards have what the package says (CEP 21), {} for none; rattler's indexer leaves it out",
}

# What none of the samples has in its index.json.
ODD_FIELDS = {
    "odd-keys": {"license_url": "file:LICENSE", "app_entry": "run me", "nested": {"b": [1, 2.5, True], "a": "ü"}},
    "odd-features": {"track_features": "one two", "features": "three"},
    "odd-feature-list": {"track_features": ["one", "two"]},
    "odd-constraints": {"depends": ["a >=1", "b"], "constrains": ["c <2"]},
    "odd-empty": {"license": "", "constrains": [], "track_features": ""},
    "odd-seconds": {"timestamp": 1_600_000_000},
    "odd-null": {"license": None, "license_family": None},
}


class Rattler:
    """The same files in a folder, indexed by rattler."""

    def __init__(self, setting: Setting, files: dict[Path, str]):
        self.folder = setting.folder / "rattler-channel"
        for subdir in SUBDIRS:
            (self.folder / subdir).mkdir(parents=True)
        for file, subdir in files.items():
            shutil.copy(file, self.folder / subdir)
        done = setting.run(setting.python_of("rattler"), "-c", INDEXER, self.folder)
        if done.returncode != 0:
            sys.exit(f"rattler.index failed: {done.stderr}")

    def repodata(self, subdir: str) -> dict:
        return json.loads((self.folder / subdir / "repodata.json").read_text())

    def shard_records(self, subdir: str) -> dict[str, dict]:
        folder = self.folder / subdir
        index = msgpack.unpackb(decompress((folder / "repodata_shards.msgpack.zst").read_bytes()))
        records = {}
        for digest in index["shards"].values():
            file = (folder / index["info"]["shards_base_url"] / f"{digest.hex()}.msgpack.zst").resolve()
            shard = msgpack.unpackb(decompress(file.read_bytes()))
            records.update(shard["packages"])
            records.update(shard.get("packages.conda") or shard.get("conda_packages") or {})
        return {name: in_hex(record) for name, record in records.items()}


def in_hex(record: dict) -> dict:
    """Digests as repodata writes them."""
    return {key: value.hex() if isinstance(value, bytes) else value for key, value in record.items()}


def records_of(repodata: dict) -> dict[str, dict]:
    return {**repodata["packages"], **repodata["packages.conda"]}


class Comparison:
    def __init__(self, checks: Checks, contents: dict[str, Contents]):
        self.checks = checks
        self.contents = contents
        self.differences: Counter[tuple[str, str]] = Counter()
        self.fields = 0

    def records(self, where: str, ours: dict[str, dict], theirs: dict[str, dict]) -> None:
        self.checks.equal(sorted(ours), sorted(theirs), f"{where}: the same {len(ours)} files")
        for name in sorted(ours.keys() & theirs.keys()):
            self.record(f"{where}/{name}", ours[name], theirs[name], self.contents[name])

    def record(self, where: str, ours: dict, theirs: dict, contents: Contents) -> None:
        wrong = []
        for key in sorted(ours.keys() | theirs.keys()):
            self.fields += 1
            if key in ours and key in theirs and same(ours[key], theirs[key]):
                continue
            reason = self.reason(key, ours, theirs, contents)
            if reason:
                self.differences[key, reason] += 1
            else:
                wrong.append(f"{key}: ours {ours.get(key, '(none)')!r}, rattler's {theirs.get(key, '(none)')!r}")
        self.checks.check(not wrong, f"{where}: {len(ours)} fields", "; ".join(wrong))

    @staticmethod
    def reason(key: str, ours: dict, theirs: dict, contents: Contents) -> str | None:
        if key == "indexed_timestamp" and isinstance(ours.get(key), int) and ours[key] > 1_600_000_000_000:
            return REASONS[key]
        if key == "time_modified" and isinstance(ours.get(key), int) and key not in theirs:
            return REASONS[key]
        if key == "run_exports" and key not in theirs and same(ours[key], contents.run_exports):
            return REASONS[key]
        if key not in theirs and key in contents.index and same(ours.get(key), contents.index[key]):
            return REASONS["kept"]
        return None

    def print_differences(self) -> None:
        print("\ndifferences with a reason", flush=True)
        for (key, reason), count in sorted(self.differences.items()):
            note(f"{key}, in {count} records: {reason}")


def same(ours, theirs) -> bool:
    """Equal, also in type: 1 is not True and not 1.0."""
    return json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)


def odd_packages(folder: Path) -> list[Path]:
    files = []
    for name, fields in ODD_FIELDS.items():
        artifact = artifacts.make(name, "1.0", "0", payload=b"", fields=fields)
        files.append(folder / artifact.file_name)
        files[-1].write_bytes(artifact.data)
    return files


def main() -> int:
    options = arguments(__doc__).parse_args()
    checks = Checks("records")
    with running(options) as setting:
        files = [sample.path for sample in setting.samples if not sample.refusal] + odd_packages(setting.folder)
        contents = {file.name: Contents(file) for file in files}
        channel = setting.make_channel("records")
        for file in files:
            answer = setting.upload("records", file.name, file.read_bytes())
            checks.check(answer.status == 201, f"uploaded {file.name}", answer)
        shards = {subdir: channel.shards(subdir).records for subdir in SUBDIRS}
        places = {name: subdir for subdir, records in shards.items() for name in records}
        settled = wait_for(lambda: all(
            channel.get(f"{subdir}/repodata.json").status == 200
            and records_of(channel.repodata(subdir)).keys() == shards[subdir].keys() for subdir in SUBDIRS))
        checks.check(settled, "repodata.json has all files within 20 s")
        rattler = Rattler(setting, {file: places[file.name] for file in files})

        comparison = Comparison(checks, contents)
        for subdir in SUBDIRS:
            print(f"\n{subdir}", flush=True)
            ours, theirs = channel.repodata(subdir), rattler.repodata(subdir)
            checks.equal(ours["info"], theirs["info"], f"{subdir}/repodata.json: info")
            checks.equal(ours["repodata_version"], theirs["repodata_version"], f"{subdir}/repodata.json: version")
            checks.check(
                decompress(channel.document(f"{subdir}/repodata.json.zst"))
                == channel.document(f"{subdir}/repodata.json"), f"{subdir}/repodata.json.zst holds repodata.json")
            comparison.records(f"{subdir}/repodata.json", records_of(ours), records_of(theirs))
            comparison.records(f"{subdir}/shards", shards[subdir], rattler.shard_records(subdir))
            for name, record in shards[subdir].items():
                listed = {key: value for key, value in record.items() if key != "run_exports"}
                checks.check(
                    same(listed, records_of(ours)[name]), f"{subdir}/{name}: the shard's record is repodata's",
                    (listed, records_of(ours)[name]))
        comparison.print_differences()
        note(f"{comparison.fields} fields compared")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
