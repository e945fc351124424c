"""One solve by rattler in a process of its own, as a client's command is: solve_client.py CHANNEL CACHE SPEC [--no-shards].

Prints seconds and the number of records solved for. `solve_side.py` runs it.
"""

import asyncio
import os
import sys
import time

from rattler import Client, Gateway, SourceConfig, solve
from rattler.networking import RetryMiddleware


async def main(channel: str, cache: str, spec: str, shards: bool) -> None:
    gateway = Gateway(
        cache_dir=cache, default_config=SourceConfig(sharded_enabled=shards, zstd_enabled=True, bz2_enabled=False),
        client=Client([RetryMiddleware(2)]))
    start = time.perf_counter()
    records = await solve([channel], [spec], gateway=gateway, platforms=["linux-64", "noarch"])
    print(time.perf_counter() - start, len(records), flush=True)


asyncio.run(main(*sys.argv[1:4], shards="--no-shards" not in sys.argv))
os._exit(0)  # py-rattler 0.28 can abort while the interpreter shuts down
