"""500 x 20 KB and 8 x 64 MB, put and get: our store, boto3 and rclone on one server, in turn; prints the ratios.

compare.py OURS BOTO3_PYTHON RCLONE, with S3_ENDPOINT and its companions in the environment. Every case is run six
times, after a round that does not count, in which the server makes its files. The clients take turns in being first; the
median counts. Wrong bytes end the run.
"""

import filecmp
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CASES = [("500 x 20 KB", 500, 20_000, 16), ("8 x 64 MB", 8, 64 << 20, 4)]
CLIENTS = ["ours", "boto3", "rclone"]
# Each client is first twice.
ROUNDS = 6
HERE = os.path.dirname(os.path.abspath(__file__))


def rclone(program: str, source: str, target: str, parallel: int) -> float:
    keys = os.environ
    remote = (
        f":s3,provider=Other,force_path_style=true,no_check_bucket=true,region={keys['S3_REGION']},"
        f"endpoint='{keys['S3_ENDPOINT']}',access_key_id='{keys['S3_ACCESS_KEY']}',"
        f"secret_access_key='{keys['S3_SECRET_KEY']}':{keys['S3_BUCKET']}/rclone"
    )
    place = {"remote": remote}
    command = [program, "copy", place.get(source, source), place.get(target, target), "--transfers", str(parallel)]
    command += ["--checkers", str(parallel), "--ignore-times", "--s3-no-head", "--config", "/dev/null"]
    start = time.monotonic()
    subprocess.run(command, check=True, timeout=120)
    return time.monotonic() - start


def client(command: list[str], verb: str, folder: str, parallel: int) -> float:
    done = subprocess.run(
        [*command, verb, folder, str(parallel)], check=True, timeout=120, capture_output=True, text=True
    )
    return float(done.stdout)


def main() -> None:
    ours, python, rclone_program = sys.argv[1:4]
    commands = {"ours": [ours], "boto3": [python, os.path.join(HERE, "boto3_client.py")]}
    root = tempfile.mkdtemp(prefix="s3-bench-")
    try:
        for title, count, size, parallel in CASES:
            compare(title, count, size, parallel, commands, rclone_program, root)
    finally:
        shutil.rmtree(root)


def compare(title, count, size, parallel, commands, rclone_program, root) -> None:
    source = os.path.join(root, "source")
    shutil.rmtree(source, ignore_errors=True)
    os.makedirs(source)
    for number in range(count):
        with open(os.path.join(source, f"{number}.conda"), "wb") as file:
            file.write(os.urandom(size))
    times: dict[tuple[str, str], list[float]] = {}
    for turn in range(1 + ROUNDS):
        for name in [*CLIENTS[turn % 3 :], *CLIENTS[: turn % 3]]:
            target = os.path.join(root, name)
            if name == "rclone":
                os.makedirs(target, exist_ok=True)
                put = rclone(rclone_program, source, "remote", parallel)
                got = rclone(rclone_program, "remote", target, parallel)
            else:
                put = client(commands[name], "put", source, parallel)
                os.makedirs(target, exist_ok=True)
                for file in os.listdir(source):
                    open(os.path.join(target, file), "wb").close()
                got = client(commands[name], "get", target, parallel)
            wrong = filecmp.cmpfiles(source, target, os.listdir(source), shallow=False)
            assert not wrong[1] and not wrong[2], f"{name} gave wrong bytes: {wrong[1:]}"
            if turn > 0:
                times.setdefault((name, "put"), []).append(put)
                times.setdefault((name, "get"), []).append(got)
            shutil.rmtree(target)
    for verb in ["put", "get"]:
        median = {name: statistics.median(times[name, verb]) for name in CLIENTS}
        text = "  ".join(f"{name} {seconds:.2f} s" for name, seconds in median.items())
        ratios = f"{median['boto3'] / median['ours']:.1f} x boto3, {median['rclone'] / median['ours']:.1f} x rclone"
        print(f"{title:12} {verb}: {text}  -> {ratios}", flush=True)


main()
