#!/usr/bin/env python3
"""Uploads the sample packages with every client, each into a channel of its own: at first, again, and with --force."""

import sys

from setting import Checks, Sample, Setting, arguments, note, running, wait_for

import artifacts


class Client:
    """A way to upload one file; `force` is `None` where the client cannot replace."""

    def __init__(self, title: str, upload, force):
        self.title = title
        self.upload = upload
        self.force = force


def clients(setting: Setting) -> dict[str, Client]:
    def address(channel: str) -> str:
        return f"{setting.url}/api/channels/{channel}"

    return {
        "upstream": Client(
            "quetz-client 0.5.0, post_file_to_channel",
            lambda channel, file: setting.shared_client("quetz-client", "post_file_to_channel", channel, file),
            lambda channel, file: setting.shared_client(
                "quetz-client", "post_file_to_channel", channel, file, "--force")),
        "rattler-build": Client(
            "rattler-build upload quetz",
            lambda channel, file: setting.shared_client(
                "rattler-build-upload", "quetz", setting.url, channel, setting.key, file),
            None),
        "ours-by-address": Client(
            "our quetz-client, URL/api/channels/CHANNEL FILE",
            lambda channel, file: setting.run(setting.client, address(channel), file),
            lambda channel, file: setting.run(setting.client, address(channel), file, "--force")),
        "ours-by-name": Client(
            "our quetz-client, post_file_to_channel CHANNEL FILE",
            lambda channel, file: setting.run(setting.client, "post_file_to_channel", channel, file),
            lambda channel, file: setting.run(setting.client, "post_file_to_channel", channel, file, "--force")),
    }


def check_client(setting: Setting, checks: Checks, name: str, client: Client) -> None:
    print(f"\n{client.title}, into channel {name}", flush=True)
    channel = setting.make_channel(name)
    accepted = [sample for sample in setting.samples if not sample.refusal]

    done = {sample.name: client.upload(name, sample.path) for sample in setting.samples}
    for sample in accepted:
        checks.check(done[sample.name].returncode == 0, f"accepted {sample.name}", done[sample.name].stderr[-300:])
    for sample in setting.samples:
        if sample.refusal:
            answer = setting.upload(name, sample.name, sample.path.read_bytes())
            checks.check(
                done[sample.name].returncode != 0 and answer.status == 400,
                f"refused {sample.name} with exit {done[sample.name].returncode}: {sample.refusal}", answer)
            note(f"the server says: {answer.body.decode()}")
    check_served(setting, checks, channel, accepted)

    codes = {sample.name: client.upload(name, sample.path).returncode for sample in accepted}
    checks.check(0 not in codes.values(), f"again: {len(codes)} non-zero exits", codes)
    answers = {setting.upload(name, sample.name, sample.path.read_bytes()).status for sample in accepted}
    checks.equal(answers, {409}, "again: the server answers 409")

    if client.force:
        codes = {sample.name: client.force(name, sample.path).returncode for sample in accepted}
        checks.equal(set(codes.values()), {0}, f"--force: {len(codes)} accepted")
        check_replacement(setting, checks, channel, client)
    check_served(setting, checks, channel, accepted)


def check_batch(setting: Setting, checks: Checks) -> None:
    """Our client sends many files with one command, several at a time."""
    print("\nour quetz-client, all files in one command, into channel batch", flush=True)
    channel = setting.make_channel("batch")
    accepted = [sample for sample in setting.samples if not sample.refusal]
    address = f"{setting.url}/api/channels/batch"
    done = setting.run(setting.client, address, "--jobs", 8, *(sample.path for sample in setting.samples))
    checks.check(done.returncode == 1, "exit 1, because of what is refused", done)
    check_served(setting, checks, channel, accepted)
    files = [sample.path for sample in accepted]
    for option, code in (((), 1), (("--skip-existing",), 0), (("--force",), 0)):
        done = setting.run(setting.client, address, *files, *option)
        checks.check(done.returncode == code, f"again{' with ' + option[0] if option else ''}: exit {code}", done)
    done = setting.run(setting.client, address.replace("batch", "nowhere"), files[0])
    checks.check(done.returncode == 1, "a channel that does not exist: exit 1", done)
    done = setting.run(setting.client, "http://127.0.0.1:9/api/channels/batch", files[0])
    checks.check(done.returncode == 3, "no server: exit 3", done)
    check_served(setting, checks, channel, accepted)


def check_served(setting: Setting, checks: Checks, channel, accepted: list[Sample]) -> None:
    """Every accepted file is in its shard and comes back with the bytes that were sent; no refused one is seen."""
    records = {}
    for subdir in ("noarch", "linux-64", "osx-64"):
        records.update(channel.shards(subdir).records)
    for name in ("replaced-1.0-0.conda", "replaced-1.0-0.tar.bz2"):
        records.pop(name, None)
    found = {name: record["sha256"] for name, record in records.items()}
    checks.equal(found, {sample.name: sample.sha256 for sample in accepted}, f"{len(found)} files are in shards")
    wrong = [
        name for name, record in records.items()
        if artifacts.sha256(channel.get(f"{record['subdir']}/{name}").body) != record["sha256"]]
    checks.equal(wrong, [], f"{len(found)} files are served with the bytes sent")


def check_replacement(setting: Setting, checks: Checks, channel, client: Client) -> None:
    """With --force, other bytes take the place of the old ones; without, they do not."""
    for extension in (".conda", ".tar.bz2"):
        old, new = (
            artifacts.make("replaced", "1.0", "0", extension=extension, payload=payload) for payload in (b"old", b"new"))
        path = setting.folder / old.file_name
        path.write_bytes(old.data)
        client.upload(channel.name, path)
        path.write_bytes(new.data)
        code = client.upload(channel.name, path).returncode
        served = artifacts.sha256(channel.document(f"noarch/{old.file_name}"))
        checks.check(code != 0 and served == old.sha256, f"other bytes for {old.file_name} are refused", code)
        code = client.force(channel.name, path).returncode
        served = artifacts.sha256(channel.document(f"noarch/{old.file_name}"))
        record = channel.shards("noarch").records[old.file_name]
        checks.check(
            code == 0 and served == new.sha256 == record["sha256"], f"with --force they replace {old.file_name}", code)
        checks.check(
            wait_for(lambda: in_repodata(channel, old.file_name) == new.sha256), f"repodata follows {old.file_name}")


def in_repodata(channel, file_name: str) -> str | None:
    repodata = channel.repodata("noarch")
    return {**repodata["packages"], **repodata["packages.conda"]}.get(file_name, {}).get("sha256")


def main() -> int:
    options = arguments(__doc__).parse_args()
    checks = Checks("uploads")
    with running(options) as setting:
        for name, client in clients(setting).items():
            check_client(setting, checks, name, client)
        check_batch(setting, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
