"""A TCP relay that keeps the heads of the requests that pass it, on loopback only."""

import re
import socket
import threading

HEAD = re.compile(rb"(?:GET|HEAD|PUT|POST|DELETE) \S+ HTTP/1\.1\r\n.*?\r\n\r\n", re.DOTALL)


class Recorder:
    """Relays to `port` on 127.0.0.1; `heads` has every request's line and fields."""

    def __init__(self, port: int):
        self.heads: list[str] = []
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def take(self) -> list[str]:
        """What came since the last call."""
        heads, self.heads = self.heads, []
        return heads

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._relay, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._relay, args=(server, client, False), daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket, is_request: bool) -> None:
        try:
            while block := source.recv(65536):
                # Clients send a head in one piece, and start none behind a body.
                if is_request and (found := HEAD.match(block)):
                    self.heads.append(found.group().decode(errors="replace"))
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            target.close()
