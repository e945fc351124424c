#!/usr/bin/env python3
"""Asks S3 servers what docs/STORAGE.md says they do differently, and prints the answers; nothing is passed or failed.

    differences.py --shared ../shared [--s3 seaweedfs,swift,minio,rclone,ceph]
"""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from scene import arguments, bucket  # first: it finds the other modules
from s3call import call

PLACE = "/quetz"


def milliseconds(work) -> float:
    def once() -> float:
        start = time.monotonic()
        work()
        return (time.monotonic() - start) * 1000

    return statistics.median(once() for _ in range(30))


def ghosts(options: dict[str, str]) -> str:
    """Of 16 puts of one key at the same time: how often some fail, and how often the object is listed after its removal."""
    failed = left = 0
    for number in range(20):
        key = f"{PLACE}/ghost{number}/k"
        with ThreadPoolExecutor(16) as pool:
            answers = [pool.submit(call, options, "PUT", key, body=bytes(200_000 + seed)) for seed in range(16)]
        failed += any(answer.result()[0] != 200 for answer in answers)
        call(options, "DELETE", key)
        left += call(options, "GET", PLACE, f"list-type=2&prefix=ghost{number}%2F")[2].count(b"</Contents>") > 0
    return f"{failed} of 20 times one failed, {left} of 20 times it is listed after its removal"


def look(options: dict[str, str]) -> dict[str, object]:
    found = {"a signature for another region": call(options, "GET", PLACE, "list-type=2", region="mars-1")[0]}
    found["a PUT with other bytes than were signed"] = call(
        options, "PUT", PLACE + "/hash", body=b"hello", signed_body=b"other")[0]
    both = [call(options, "PUT", PLACE + key, body=b"1")[0] for key in ("/k", "/k/x")]
    found["k, then k/x"] = both + [call(options, "GET", PLACE + "/k/x")[0]]
    call(options, "PUT", PLACE + "/range", body=b"0123456789")
    status, fields, body = call(options, "GET", PLACE + "/range", fields={"range": "bytes=2-4"})
    found["a range"] = (status, fields.get("content-range"), body)
    found["a listing of multipart uploads"] = call(options, "GET", PLACE, "uploads=")[0]
    found["20 KB, median ms"] = "PUT {:.0f}, GET {:.0f}".format(
        milliseconds(lambda: call(options, "PUT", PLACE + "/time", body=bytes(20_000))),
        milliseconds(lambda: call(options, "GET", PLACE + "/time")))
    found["16 puts of one key"] = ghosts(options)
    return found


def main() -> int:
    options = arguments(__doc__).parse_args()
    for name in options.s3.split(","):
        with bucket(options, name) as server:
            print(f"\n{name}", flush=True)
            for question, answer in look(server.options).items():
                print(f"  {question}: {answer}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
