"""Load by `wrk` (Debian), and what the served process spent on it."""

import os
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_SIZES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


@dataclass(frozen=True)
class Load:
    """What one run measured."""

    requests_per_second: float
    bytes_per_second: float
    p99_seconds: float
    cpu_seconds: float
    seconds: float
    unexpected: int

    @property
    def cpu_per_gigabyte(self) -> float:
        return self.cpu_seconds / max(self.bytes_per_second * self.seconds / 1e9, 1e-9)


def run(url: str, pids: list[int], connections: int, seconds: int, headers: dict[str, str] | None = None) -> Load:
    """Requests `url` over `connections` kept-alive connections; `pids` are the processes that serve it."""
    if not shutil.which("wrk"):
        sys.exit("bench: there is no wrk; `apt-get install wrk` brings it")
    options = [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
    threads = min(2, connections)
    before = sum(map(_cpu, pids))
    done = subprocess.run(
        ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", *options, url],
        capture_output=True, text=True, check=True)
    spent = sum(map(_cpu, pids)) - before
    text = done.stdout
    failed = sum(int(count) for count in re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Load(
        requests_per_second=float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        bytes_per_second=_size(re.search(r"Transfer/sec:\s+([\d.]+\w+)", text).group(1)),
        p99_seconds=_time(re.search(r"99%\s+([\d.]+\w+)", text).group(1)),
        cpu_seconds=spent, seconds=seconds, unexpected=failed + (int(bad.group(1)) if bad else 0))


def median(loads: list[Load], field: str) -> float:
    return statistics.median(getattr(load, field) for load in loads)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _time(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * _UNITS[unit]


def _size(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(B|KB|MB|GB)", text).groups()
    return float(number) * _SIZES[unit]
