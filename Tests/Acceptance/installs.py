#!/usr/bin/env python3
"""Installs the sample packages with rattler, in all the ways it can read a channel, and compares every file.

With shards, without them (repodata.json.zst), and with repodata.json only; from a public channel and, logged in in three
ways, from a private one, which refuses everybody else.
"""

import shutil
import sys
from pathlib import Path

from setting import Checks, Sample, Setting, arguments, note, running, wait_for

import stubs
from contents import Contents

MODES = {"shards": (), "no shards": ("--no-shards",), "no shards, no zst": ("--no-shards", "--no-zst")}
SUBDIRS = ("noarch", "linux-64", "osx-64")


class Installs:
    def __init__(self, setting: Setting, checks: Checks):
        self.setting = setting
        self.checks = checks
        self.contents = {sample.name: Contents(sample.path) for sample in setting.samples if not sample.refusal}
        self.stubs = None

    # Channels

    def fill(self, name: str, samples: list[Sample], *, private: bool = False):
        """A channel with these samples and the stubs that they need, once its repodata has all of them."""
        channel = self.setting.make_channel(name, private=private)
        for sample in samples:
            self.put(name, sample.name, sample.path.read_bytes())
        records = [record for subdir in SUBDIRS for record in self.shard_records(channel, subdir).values()]
        made = stubs.for_records(records)
        for stub in made:
            self.put(name, stub.file_name, stub.data)
        settled = wait_for(lambda: all(
            self.repodata_names(channel, subdir) == self.shard_records(channel, subdir).keys() for subdir in SUBDIRS))
        self.checks.check(settled, f"{name}: {len(samples)} samples and {len(made)} stubs are in repodata")
        return channel

    def put(self, channel: str, file_name: str, data: bytes) -> None:
        answer = self.setting.upload(channel, file_name, data)
        if answer.status != 201:
            self.checks.check(False, f"{channel}: upload of {file_name}", answer)

    @staticmethod
    def shard_records(channel, subdir: str) -> dict[str, dict]:
        is_there = channel.get(f"{subdir}/repodata_shards.msgpack.zst").status == 200
        return channel.shards(subdir).records if is_there else {}

    @staticmethod
    def repodata_names(channel, subdir: str):
        answer = channel.get(f"{subdir}/repodata.json")
        return {**answer.json()["packages"], **answer.json()["packages.conda"]}.keys() if answer.status == 200 else {}.keys()

    # One installation

    def install(self, channel: str, sample: Sample, mode: str, *login: str) -> tuple[bool, str, Path]:
        index = self.contents[sample.name].index
        prefix = self.setting.folder / "prefix"
        shutil.rmtree(prefix, ignore_errors=True)
        platforms = []
        if index.get("platform") == "osx" or index.get("subdir") == "osx-64":
            platforms = ["--platform", "osx-64", "--platform", "noarch"]
        done = self.setting.shared_client(
            "rattler-install", f"{self.setting.url}/get/{channel}", prefix, *MODES[mode], *login, *platforms,
            f"{index['name']} =={index['version']} {index['build']}")
        wanted = f"solved {sample.name} "
        if done.returncode == 0 and wanted not in done.stdout:
            return False, f"another file was chosen: {done.stdout}", prefix
        return done.returncode == 0, done.stderr.strip()[-600:], prefix

    def check_install(self, channel: str, sample: Sample, mode: str, *login: str) -> None:
        contents = self.contents[sample.name]
        title = f"{sample.name} ({mode}{', ' + login[0] if login else ''})"
        done, error, prefix = self.install(channel, sample, mode, *login)
        if not self.checks.check(done, f"installed {title}", error):
            return
        comparison = contents.compare(prefix)
        self.checks.check(not comparison.problems, f"compared  {title}: {comparison.summary}", comparison.problems)

    # What is checked

    def public(self) -> None:
        samples = [sample for sample in self.setting.samples if not sample.refusal]
        sound = [sample for sample in samples if not self.contents[sample.name].lacking]
        # Clients prefer .conda to .tar.bz2 of the same build, so each of the two needs a channel of its own.
        twins = {sample.name.removesuffix(".conda") for sample in sound if sample.name.endswith(".conda")}
        first = [sample for sample in sound if sample.name.removesuffix(".tar.bz2") not in twins]
        second = [sample for sample in sound if sample not in first]
        for channel, members in (("installs", first), ("installs-twins", second)):
            print(f"\npublic channel {channel}", flush=True)
            self.fill(channel, members)
            for mode in MODES:
                for sample in members:
                    self.check_install(channel, sample, mode)
        print("\npackages that list files which they do not hold", flush=True)
        broken = [sample for sample in samples if sample not in sound]
        self.fill("installs-broken", broken)
        for sample in broken:
            done, error, _ = self.install("installs-broken", sample, "shards")
            lacking = self.contents[sample.name].lacking
            what = f"{sample.name} cannot be installed: it lacks {lacking[0]}, … ({len(lacking)} files)"
            self.checks.check(not done, what)
            note(f"the client says: {error}")

    def private(self) -> None:
        print("\nprivate channel installs-private", flush=True)
        by_name = {sample.name: sample for sample in self.setting.samples}
        samples = [by_name["xtensor-io-0.10.3-hb585cf6_0.tar.bz2"], by_name["other-package-0.2-0.conda"]]
        self.fill("installs-private", samples, private=True)
        key = self.setting.key
        logins = (("--token", key), ("--bearer", key), ("--basic", f"{self.setting.user}:{key}"))
        for mode in MODES:
            for login in logins:
                for sample in samples:
                    self.check_install("installs-private", sample, mode, *login)
            for login in ((), *((way, "qz-" + "0" * 40) for way in ("--token", "--bearer")), ("--basic", "alice:wrong")):
                done, error, _ = self.install("installs-private", samples[1], mode, *login)
                way = login[0] + " with a wrong key" if login else "no login"
                self.checks.check(
                    not done and ("401" in error or "403" in error),
                    f"refused   {samples[1].name} ({mode}, {way})", error)
        self.refused_addresses()

    def refused_addresses(self) -> None:
        """Without a login, no document, shard or file of the private channel comes out: 401, not 404."""
        paths = ["", "channeldata.json", "noarch/repodata.json", "linux-64/repodata.json.zst",
                 "linux-64/repodata_shards.msgpack.zst", "linux-64/other-package-0.2-0.conda", "linux-64/missing-1-0.conda"]
        for path in paths:
            answer = self.setting.connections.get(f"/get/installs-private/{path}")
            self.checks.equal(answer.status, 401, f"GET /get/installs-private/{path} without a login")


def main() -> int:
    options = arguments(__doc__).parse_args()
    checks = Checks("installs")
    with running(options) as setting:
        installs = Installs(setting, checks)
        installs.public()
        installs.private()
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
