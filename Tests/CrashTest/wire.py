"""Uploads over a bare socket, so that it is known how much of a request had left when the server died."""

import http.client
import socket
from enum import Enum


class Outcome(Enum):
    """What the client knows at the end of an upload."""

    ACCEPTED = "accepted"  # 201
    REFUSED = "refused"  # any other status
    UNANSWERED = "unanswered"  # all was sent, no status came back: the upload may have happened
    CUT = "cut"  # not all was sent: the upload cannot have happened


class Wire:
    """One uploader's connection; a new one is made after each that failed or was hung up."""

    def __init__(self, address: tuple[str, int]):
        self._address = address
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None

    def send(self, pieces: list[bytes]) -> bool:
        """Sends a request; says whether all of it left."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=60)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                self._socket.sendall(piece)
            return True
        except OSError:
            self.close()
            return False

    def receive(self) -> tuple[int, bytes] | None:
        """The status and the body; `None` if the connection ended before the status line and the headers were here."""
        response = http.client.HTTPResponse(self._socket)
        try:
            response.begin()
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        try:
            body = response.read()
        except (OSError, http.client.HTTPException):
            body = b""
            self.close()
        if response.will_close:
            self.close()
        return response.status, body

    def exchange(self, pieces: list[bytes]) -> tuple[Outcome, int, bytes]:
        """One upload from end to end: its outcome, and the status and the body if there is an answer."""
        if not self.send(pieces):
            return Outcome.CUT, 0, b""
        answer = self.receive()
        if answer is None:
            return Outcome.UNANSWERED, 0, b""
        return (Outcome.ACCEPTED if answer[0] == 201 else Outcome.REFUSED), *answer


def raw_request(target: str, key: str, body: bytes, *, chunked: bool = False) -> list[bytes]:
    """`POST` of a raw body, in pieces; the head comes first."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = f"POST {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n{framing}\r\n\r\n".encode()
    step = max(512, len(body) // 4)
    slices = [body[start:start + step] for start in range(0, len(body), step)]
    if chunked:
        return [head, *(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in slices), b"0\r\n\r\n"]
    return [head, *slices]


def form_request(target: str, key: str, file_name: str, body: bytes) -> list[bytes]:
    """`POST` of a multipart form with one file."""
    boundary = "crash-test-boundary"
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{file_name}"\r\n\r\n'.encode()
        + body + f"\r\n--{boundary}--\r\n".encode())
    head = (
        f"POST {target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {len(form)}\r\n"
        f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n")
    return [head.encode(), form]
