"""Fills the databases of both servers with the same channels, packages and artifacts, straight into SQLite.

Only what the benchmarked routes read is made: the rows are right, the bytes behind them do not exist.
"""

import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path

TIME = 1_790_000_000
SUMMARY = "A library that does one thing, and does it well enough to be measured"


@dataclass(frozen=True)
class Size:
    channels: int
    packages: int
    artifacts: int

    def package_names(self) -> list[tuple[int, str]]:
        """(channel number, name): names are unique, and ten share all but the last digit."""
        return [(number % self.channels, f"lib{number:05d}-tools") for number in range(self.packages)]


def channel_name(number: int) -> str:
    return f"channel-{number:04d}"


def fill_ours(database: Path, size: Size) -> None:
    connection = _open(database)
    user = connection.execute("SELECT id FROM user LIMIT 1").fetchone()[0]
    digest, milliseconds = bytes(32), TIME * 1000
    connection.execute("INSERT INTO blob (sha256, size, touchedAt) VALUES (?, 1000, ?)", (digest, milliseconds))
    first_channel = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM channel").fetchone()[0]
    first_package = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM package").fetchone()[0]
    connection.executemany(
        "INSERT INTO channel (id, name, description, isPrivate, ttl, createdAt) VALUES (?, ?, ?, 0, 36000, ?)",
        ((first_channel + n, channel_name(n), SUMMARY, milliseconds) for n in range(size.channels)))
    connection.executemany(
        "INSERT INTO channelMember (channelID, userID, role) VALUES (?, ?, 'owner')",
        ((first_channel + n, user) for n in range(size.channels)))
    names = size.package_names()
    connection.executemany(
        "INSERT INTO package (id, channelID, name, summary, description, url, platforms, currentVersion,"
        " currentVersionKey, currentBuildNumber, latestChange, createdAt)"
        " VALUES (?, ?, ?, ?, ?, 'https://example.org', 'linux-64:noarch', '1.9', ?, 0, ?, ?)",
        ((first_package + n, first_channel + channel, name, SUMMARY, SUMMARY, b"\x71\x39", milliseconds, milliseconds)
         for n, (channel, name) in enumerate(names)))
    connection.executemany(
        "INSERT INTO artifact (id, channelID, packageID, subdir, fileName, format, version, versionKey, build,"
        " buildNumber, size, sha256, md5, uploaderID, timeCreated, timeModified, indexedTimestamp)"
        " VALUES (?, ?, ?, 'linux-64', ?, 'conda', ?, ?, '0', 0, 1000, ?, ?, ?, ?, ?, ?)",
        ((uuid.UUID(int=n + 1).bytes, first_channel + names[package][0], first_package + package,
          f"{names[package][1]}-1.{version}-0.conda", f"1.{version}", b"\x71\x31", digest, bytes(16), user, milliseconds,
          milliseconds, milliseconds)
         for n, package, version in _artifacts(size)))
    _close(connection)


def fill_upstream(database: Path, size: Size) -> None:
    connection = _open(database)
    user = connection.execute("SELECT id FROM users WHERE username IS NOT NULL LIMIT 1").fetchone()[0]
    time = "2026-09-21 14:13:20.000000"
    connection.executemany(
        "INSERT INTO channels (name, description, private, size, ttl, channel_metadata) VALUES (?, ?, 0, 0, 36000, '{}')",
        ((channel_name(n), SUMMARY) for n in range(size.channels)))
    connection.executemany(
        "INSERT INTO channel_members (channel_name, user_id, role) VALUES (?, ?, 'owner')",
        ((channel_name(n), user) for n in range(size.channels)))
    names = size.package_names()
    connection.executemany(
        "INSERT INTO packages (name, channel_name, description, summary, url, channeldata, platforms)"
        " VALUES (?, ?, ?, ?, 'https://example.org', '{}', 'linux-64:noarch')",
        ((name, channel_name(channel), SUMMARY, SUMMARY) for channel, name in names))
    connection.executemany(
        "INSERT INTO package_versions (id, channel_name, package_name, package_format, platform, version, build_string,"
        " build_number, size, version_order, download_count, filename, info, uploader_id, time_created, time_modified)"
        " VALUES (?, ?, ?, 'conda', 'linux-64', ?, '0', 0, 1000, ?, 0, ?, '{}', ?, ?, ?)",
        ((uuid.UUID(int=n + 1).bytes, channel_name(names[package][0]), names[package][1], f"1.{version}",
          size.artifacts // size.packages - 1 - version, f"{names[package][1]}-1.{version}-0.conda", user, time, time)
         for n, package, version in _artifacts(size)))
    _close(connection)


def _artifacts(size: Size):
    """(number, package number, version number)."""
    each = size.artifacts // size.packages
    for package in range(size.packages):
        for version in range(each):
            yield package * each + version, package, version


def _open(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _close(connection: sqlite3.Connection) -> None:
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()
