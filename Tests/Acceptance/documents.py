#!/usr/bin/env python3
"""Reads every document of a channel that has everything (v3 records, yanks, patches, notices, relations) with the readers
that clients use, and checks the JSON ones against the standards' words as schemas."""

import json
import sys

from setting import Checks, Setting, arguments, note, running, wait_for

import artifacts
import jsonschema
from channel import Channel, decompress
from schemas import CHANNELDATA, NOTICES, REPODATA, RUN_EXPORTS_DOCUMENT

SUBDIRS = ("noarch", "linux-64", "osx-64")
PATCHED = "test-package-0.1-0.tar.bz2"

# What rattler makes of a folder of documents, and of the channel's URL with and without shards.
RATTLER = """
import asyncio, json, os, sys, tempfile
from rattler import Channel, Gateway, RepoData, SourceConfig
url, folder, subdirs, names = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4].split(",")

async def ask(sharded):
    config = SourceConfig(sharded_enabled=sharded, zstd_enabled=True, bz2_enabled=False)
    gateway = Gateway(cache_dir=tempfile.mkdtemp(), default_config=config)
    result = await gateway.query(
        [url], subdirs, names, recursive=False, channel_relations="disabled", channel_notices=True)
    records = sorted(f"{record.subdir}/{record.file_name} {record.sha256.hex()}" for some in result for record in some)
    return {"records": records, "removed": sorted(str(name) for some in result.removed for name in some),
            "notices": len(getattr(result, "notices", []) or [])}

files = {}
for name in sorted(os.listdir(folder)):
    data = RepoData.from_path(f"{folder}/{name}")
    files[name] = len(data.into_repo_data(Channel("https://example.org/channel")))
print(json.dumps({"files": files, "shards": asyncio.run(ask(True)), "plain": asyncio.run(ask(False))}))
sys.stdout.flush()
os._exit(0)  # py-rattler can abort while the interpreter shuts down, after all work is done
"""

# What conda-package-streaming finds in each package: its own metadata, and every member to the last byte.
STREAMING = """
import json, os, sys
from conda_package_streaming.package_streaming import CondaComponent, stream_conda_component
folder, found = sys.argv[1], {}
for name in sorted(os.listdir(folder)):
    with open(f"{folder}/{name}", "rb") as file:
        members = 0
        for component in (CondaComponent.info, CondaComponent.pkg) if name.endswith(".conda") else (CondaComponent.pkg,):
            file.seek(0)
            for tar, member in stream_conda_component(name, file, component):
                members += 1
                if member.isfile():
                    data = tar.extractfile(member).read()
                    if member.name == "info/index.json":
                        index = json.loads(data)
        found[name] = [index["name"], index["version"], members]
print(json.dumps(found))
"""


def fill(setting: Setting, checks: Checks) -> Channel:
    """A channel with all real samples and one of everything that the index can have."""
    channel = setting.make_channel("documents")
    files = [(sample.name, sample.path.read_bytes()) for sample in setting.samples if not sample.refusal]
    new = {"schema_version": 3, "flags": ["blas:mkl"], "extra_depends": {"test": ["pytest"]}}
    for artifact in (
            artifacts.make("new", "1.0", "0", payload=b"", fields=new),
            artifacts.make("old", "1.0", "0", payload=b"1"), artifacts.make("old", "2.0", "0", payload=b"2")):
        files.append((artifact.file_name, artifact.data))
    for name, data in files:
        answer = setting.upload("documents", name, data)
        checks.check(answer.status == 201, f"uploaded {name}", answer)
    api = "/api/channels/documents"
    place = {name: subdir for subdir in SUBDIRS for name in channel.shards(subdir).records}
    patch = {
        "patch_instructions_version": 2,
        "packages": {PATCHED: {"depends": ["python <4"], "run_exports": {"weak": ["test-package"]}}},
        "revoke": ["fly-2.5.2-0.tar.bz2"], "remove": ["flask-0.11.1-py_0.tar.bz2"]}
    for method, path, body, status in (
            ("POST", "/packages/old/versions/noarch/old-2.0-0.conda/yank", {"reason": "a test"}, 200),
            ("PUT", f"/patches/{place[PATCHED]}", patch, 200),
            ("POST", "/notices", {"message": "hello", "expires_at": "2100-01-01"}, 201),
            ("PUT", "/relations", {"base": "../conda-forge"}, 200)):
        answer = setting.api(method, api + path, json.dumps(body).encode())
        checks.check(answer.status == status, f"{method} {path}", (answer.status, answer.body))
    return channel


def validate(checks: Checks, what: str, document: bytes, schema: dict) -> None:
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    errors = [f"{error.json_path}: {error.message}"[:300] for error in validator.iter_errors(json.loads(document))]
    checks.check(not errors, f"{what} is as the standards say", "; ".join(errors[:5]))


def check_documents(checks: Checks, channel: Channel) -> None:
    for subdir in SUBDIRS:
        for name, schema in (
                ("repodata.json", REPODATA), ("current_repodata.json", REPODATA),
                ("repodata_from_packages.json", REPODATA), ("run_exports.json", RUN_EXPORTS_DOCUMENT)):
            answer = channel.get(f"{subdir}/{name}")
            if name == "repodata_from_packages.json" and answer.status == 404:
                continue  # there only where there is a patch
            if checks.check(answer.status == 200, f"{subdir}/{name} is served", answer.status):
                validate(checks, f"{subdir}/{name}", answer.body, schema)
                zst = decompress(channel.document(f"{subdir}/{name}.zst"))
                checks.check(zst == answer.body, f"{subdir}/{name}.zst holds {name}")
        agree(checks, channel, subdir)
    validate(checks, "channeldata.json", channel.document("channeldata.json"), CHANNELDATA)
    validate(checks, "notices.json", channel.document("notices.json"), NOTICES)


def agree(checks: Checks, channel: Channel, subdir: str) -> None:
    """What a subdir's documents say about the same artifacts is the same."""
    repodata, shards = channel.repodata(subdir), channel.shards(subdir)
    records = {**repodata["packages"], **repodata["packages.conda"]}
    exports = json.loads(channel.document(f"{subdir}/run_exports.json"))
    listed = {**exports["packages"], **exports["packages.conda"]}
    checks.equal(sorted(shards.records), sorted(records), f"{subdir}: shards have the files of repodata")
    checks.equal(sorted(listed), sorted(records), f"{subdir}: run_exports.json has the files of repodata")
    checks.check(
        all(shards.records[name] == {**records[name], "run_exports": listed[name]["run_exports"]} for name in records),
        f"{subdir}: shards say what repodata and run_exports.json say")
    checks.equal(
        shards.info.get("channel_relations"), repodata["info"].get("channel_relations"), f"{subdir}: the same relations")
    current = json.loads(channel.document(f"{subdir}/current_repodata.json"))
    subset = {**current["packages"], **current["packages.conda"]}
    checks.check(
        all(records.get(name) == record for name, record in subset.items()),
        f"{subdir}: current_repodata.json is a subset of repodata")
    newest = {record["name"] for record in subset.values()}
    checks.equal(newest, {record["name"] for record in records.values()}, f"{subdir}: with something of every package")


def check_rattler(checks: Checks, setting: Setting, channel: Channel) -> None:
    folder = setting.folder / "repodata"
    folder.mkdir()
    expected: dict[str, int] = {}
    records = []
    for subdir in SUBDIRS:
        for name in ("repodata", "current_repodata", "repodata_from_packages"):
            answer = channel.get(f"{subdir}/{name}.json")
            if answer.status != 200:
                continue
            (folder / f"{name}-{subdir}.json").write_bytes(answer.body)
            data = answer.json()
            entries = [*data["packages"].items(), *data["packages.conda"].items()]
            entries += [(f"{key}.{kind}", record) for kind, some in data.get("v3", {}).items() for key, record in some.items()]
            expected[f"{name}-{subdir}.json"] = len(entries)
            if name == "repodata":
                records += [(subdir, file, record) for file, record in entries]
    names = sorted({record["name"] for _, _, record in records} | {"old"})
    url = f"{setting.url}/get/{channel.name}"
    done = setting.run(
        setting.python_of("rattler"), "-c", RATTLER, url, folder, ",".join(SUBDIRS), ",".join(names))
    if not checks.check(done.returncode == 0, "rattler reads everything", done.stderr[-2000:]):
        return
    found = json.loads(done.stdout)
    checks.equal(found["files"], expected, "rattler finds every record of every repodata file")
    lines = {f"{subdir}/{file}": record["sha256"] for subdir, file, record in records}
    # Without shards, rattler passes over a .tar.bz2 beside which there is a .conda.
    preferred = {name: digest for name, digest in lines.items()
                 if not (name.endswith(".tar.bz2") and name.removesuffix(".tar.bz2") + ".conda" in lines)}
    for way, some in (("shards", lines), ("plain", preferred)):
        listed = sorted(f"{name} {digest}" for name, digest in some.items())
        checks.equal(found[way]["records"], listed, f"rattler's gateway finds them ({way})")
        checks.check(
            any("old-2.0-0" in name for name in found[way]["removed"]), f"rattler sees the yank ({way})", found[way])


def check_streaming(checks: Checks, setting: Setting, channel: Channel) -> None:
    folder = setting.folder / "served"
    folder.mkdir()
    expected = {}
    for subdir in SUBDIRS:
        data = channel.repodata(subdir)
        for name, record in {**data["packages"], **data["packages.conda"]}.items():
            (folder / name).write_bytes(channel.document(f"{subdir}/{name}"))
            expected[name] = [record["name"], record["version"]]
        for name in data["removed"]:
            checks.check(channel.get(f"{subdir}/{name}").status == 200, f"{subdir}/{name} is out of the index and served")
    done = setting.run(setting.python_of("tools"), "-c", STREAMING, folder)
    if checks.check(done.returncode == 0, "conda-package-streaming reads every package", done.stderr[-2000:]):
        found = json.loads(done.stdout)
        checks.equal({name: some[:2] for name, some in found.items()}, expected, "and finds in them what repodata says")
        note(f"{sum(some[2] for some in found.values())} members of {len(found)} packages read")


def main() -> int:
    options = arguments(__doc__).parse_args()
    checks = Checks("documents")
    with running(options) as setting:
        channel = fill(setting, checks)
        settled = wait_for(lambda: all(
            state["generation"] == state["documents_generation"]
            for state in setting.api("GET", "/api/channels/documents/index").json()["subdirs"]))
        checks.check(settled, "the documents follow within 20 s")
        check_documents(checks, channel)
        check_rattler(checks, setting, channel)
        check_streaming(checks, setting, channel)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
