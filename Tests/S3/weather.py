"""A TCP proxy with bad weather: cuts connections and holds bytes up, at random, on loopback only."""

import asyncio
import random
import threading


class Weather:
    """Relays to `port`; each block relayed is cut off, or held up for a while, with a small probability."""

    def __init__(self, port: int, *, share: float = 0.01, delay: float = 3.0, seed: int = 1):
        self._target = port
        self._share = share
        self._delay = delay
        self._random = random.Random(seed)
        self.cuts = 0
        self.delays = 0
        self.connections = 0
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(self._relay(reader, other_writer, writer), self._relay(other_reader, writer, other_writer))

    async def _relay(self, reader, writer, other) -> None:
        try:
            while block := await reader.read(16384):
                chance = self._random.random()
                if chance < self._share / 2:
                    self.cuts += 1
                    raise ConnectionResetError
                if chance < self._share:
                    self.delays += 1
                    await asyncio.sleep(self._random.uniform(0, self._delay))
                writer.write(block)
                await writer.drain()
            writer.write_eof()
        except (OSError, RuntimeError):
            writer.transport.abort()
            other.transport.abort()
