#!/usr/bin/env python3
"""Runs every command of upstream's `quetz-client` against a server of its own, and its `--help`; prints what each said.

The list of commands is taken from the installed client, so that a command that is not tried here is a failure.
"""

import sys

from setting import Checks, Setting, arguments, running

# The client's Python methods that are not commands of their own: a constructor.
NOT_COMMANDS = {"from_token"}


def tries(package: str, user: str) -> list[tuple[str, list[str], str]]:
    """(command, arguments, a text its output must have), in an order in which each can succeed; `user` gets roles."""
    return [
        ("set_channel", ["lab", "--private=False"], ""),
        ("set_channel", ["attic", "--description=old things"], ""),
        ("yield_channels", [], "lab"),
        ("yield_channels", ["--query=atti"], "attic"),
        ("post_file_to_channel", ["lab", package], ""),
        ("post_file_to_channel", ["lab", package, "--force"], ""),
        ("yield_packages", ["lab"], "current_version"),
        ("yield_packages", ["lab", "--order_by=name:desc", "--limit=1"], "current_version"),
        ("yield_users", [], user),
        ("yield_users", [f"--query={user[:3]}"], user),
        ("set_role", [user, "maintainer"], ""),
        ("get_role", [user], "maintainer"),
        ("set_role", [user, "member"], ""),
        ("get_role", [user], "member"),
        ("set_channel_member", [user, "maintainer", "lab"], ""),
        ("yield_channel_members", ["lab"], user),
        ("delete_channel_member", [user, "lab"], ""),
        ("yield_channel_members", ["lab"], "owner"),
        ("delete_channel", ["attic"], ""),
        ("yield_channels", ["--query=lab"], "lab"),
    ]


def commands(setting: Setting) -> set[str]:
    """What the installed client offers."""
    python = setting.python_of("quetz-client")
    code = (
        "from quetz_client.client import QuetzClient as C\n"
        "print(*[n for n in vars(C) if not n.startswith('_') and callable(getattr(C, n))])")
    return set(setting.run(python, "-c", code).stdout.split()) - NOT_COMMANDS


def main() -> int:
    options = arguments("Runs every command of upstream's quetz-client.").parse_args()
    checks = Checks("commands")
    with running(options, role="admins") as setting:
        sample = next(sample for sample in setting.samples if not sample.refusal)
        user = "alice" if setting.user != "alice" else "bob"
        wanted = tries(str(sample.path), user)
        offered = commands(setting)
        checks.equal(offered, {command for command, _, _ in wanted}, "every command of the client is tried")
        for command in sorted(offered):
            # After `--`: `set_channel` takes any option, and would take this one for a field.
            done = setting.shared_client("quetz-client", command, "--", "--help")
            checks.check(done.returncode == 0, f"quetz-client {command} -- --help", done.stderr[-500:])
        for command, parts, text in wanted:
            done = setting.shared_client("quetz-client", command, *parts)
            said = " ".join(done.stdout.split())
            shown = " ".join([command, *parts]).replace(str(sample.path), sample.name)
            is_right = done.returncode == 0 and text in done.stdout
            checks.check(is_right, f"quetz-client {shown} -> {said[:160] or '(nothing)'}", done.stderr[-800:])
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
