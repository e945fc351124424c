"""An uploader: one thread that sends sound and unsound packages until the server is dead."""

import random
import threading
from urllib.parse import quote

import artifacts
from ledger import Ledger
from wire import Outcome, Wire, form_request, raw_request

SUBDIRS = ("noarch", "linux-64")
EXTENSIONS = (".conda", ".tar.bz2")
PACKAGES = tuple(f"crash-{letter}" for letter in "abcdef")


class Uploader(threading.Thread):
    """Uploader `number` of a round. Its file names are its own, but for those that all race for."""

    def __init__(self, number: int, round_number: int, seed: str, address, key: str, ledger: Ledger, gate):
        super().__init__(daemon=True)
        self.number = number
        self.round = round_number
        self.ledger = ledger
        self.is_busy = False
        self._random = random.Random(seed)
        self._key = key
        self._wire = Wire(address)
        self._gate = gate
        self._over = threading.Event()
        self._serial = 0
        self._races = 0
        self._mine: list[artifacts.Artifact] = []

    def end(self) -> None:
        """Asks for an end after the running upload."""
        self._over.set()

    def run(self) -> None:
        actions = {
            self._publish: 12, self._replace: 3, self._race: 2, self._repeat: 1, self._contest: 1,
            self._wrong_digest: 1, self._truncated: 1, self._misnamed: 1, self._noise: 1,
            self._hang_up: 2, self._walk_away: 1,
        }
        self._gate.wait()
        try:
            self._race()
            while not self._over.is_set():
                self._random.choices(list(actions), list(actions.values()))[0]()
        except Exception as error:  # a mistake of this script must not pass for a quiet uploader
            self.ledger.note_unexpected(f"uploader {self.number} failed: {error!r}")
        finally:
            self._wire.close()

    # Sound packages

    def _publish(self) -> None:
        artifact = self._make()
        if self._send_sound(artifact) is Outcome.ACCEPTED:
            self._mine.append(artifact)

    def _replace(self) -> None:
        """Other bytes under a name of ours, with force."""
        if self._mine:
            place = self._random.randrange(len(self._mine))
            artifact = self._make(like=self._mine[place])
            if self._send_sound(artifact, force=True) is Outcome.ACCEPTED:
                self._mine[place] = artifact
            else:
                del self._mine[place]  # not known any more what lies there

    def _race(self) -> None:
        """A file name that all uploaders send, each with bytes of its own: one of them wins."""
        self._races += 1
        artifact = artifacts.make(
            "crash-race", f"1.{self.round}.{self._races}", "0", subdir=SUBDIRS[self._races % 2],
            extension=EXTENSIONS[self._races % 2], payload=self._payload())
        self._send_sound(artifact, expected=(201, 409))

    def _walk_away(self) -> None:
        """All is sent, and nobody waits for the answer."""
        artifact = self._make()
        self._wire.close()
        sent = self._wire.send(self._request(artifact, artifact.data))
        self._wire.close()
        self._note(artifact, Outcome.UNANSWERED if sent else Outcome.CUT)

    def _send_sound(self, artifact, *, force=False, expected=(201,)) -> Outcome:
        if not force and self._random.random() < 0.15:
            target = f"/api/channels/{self.ledger.channel}/files/"
            request = form_request(target, self._key, artifact.file_name, artifact.data)
        else:
            request = self._request(artifact, artifact.data, force=force)
        outcome = self._exchange(artifact.file_name, request, expected)
        self._note(artifact, outcome, force)
        return outcome

    def _note(self, artifact, outcome: Outcome, force=False) -> None:
        self.ledger.note_sound(artifact.file_name, artifact.subdir, artifact.sha256, outcome, force=force)

    # Refused on purpose

    def _repeat(self) -> None:
        if self._mine:
            artifact = self._random.choice(self._mine)
            self._exchange(artifact.file_name, self._request(artifact, artifact.data), (409,))

    def _contest(self) -> None:
        """Other bytes under a name that is taken, without force."""
        if self._mine:
            artifact = self._make(like=self._random.choice(self._mine))
            outcome = self._exchange(artifact.file_name, self._request(artifact, artifact.data), (409,))
            if outcome is Outcome.REFUSED:
                self.ledger.refused_digests.add(artifact.sha256)
            else:
                self.ledger.known_digests.add(artifact.sha256)

    def _wrong_digest(self) -> None:
        artifact = self._make(prefix="refused-digest")
        self._send_bad(artifact, artifact.data, (406,), digest="0" * 64)

    def _truncated(self) -> None:
        artifact = self._make(prefix="refused-truncated")
        data = artifact.data[:self._random.randrange(len(artifact.data))]
        self._send_bad(artifact, data, (400,), digest="")

    def _misnamed(self) -> None:
        artifact = self._make(prefix="refused-name")
        other = artifacts.make(
            artifact.name, artifact.version + ".1", artifact.build, subdir=artifact.subdir,
            extension=artifact.extension, payload=self._payload())
        self._send_bad(artifact, other.data, (400,), digest="")

    def _noise(self) -> None:
        artifact = self._make(prefix="refused-noise")
        self._send_bad(artifact, self._random.randbytes(self._random.randrange(4000)), (400,), digest="")

    def _send_bad(self, artifact, data: bytes, expected, *, digest: str) -> None:
        request = self._request(artifact, data, digest=digest)
        outcome = self._exchange(artifact.file_name, request, expected)
        self.ledger.note_bad(artifact.file_name, artifacts.sha256(data), outcome)

    def _hang_up(self) -> None:
        """The client goes away in the middle of the body."""
        artifact = self._make(prefix="refused-cut")
        pieces = self._request(artifact, artifact.data, chunked=self._random.random() < 0.5)
        whole = b"".join(pieces)
        end = self._random.randrange(len(pieces[0]), len(whole) - 1)
        self._wire.close()
        self._wire.send([whole[:end]])
        self._wire.close()
        self.ledger.note_bad(artifact.file_name, artifact.sha256, Outcome.CUT)

    # Common to all

    def _make(self, *, prefix: str | None = None, like=None) -> artifacts.Artifact:
        if like:
            return artifacts.make(
                like.name, like.version, like.build, subdir=like.subdir, extension=like.extension,
                payload=self._payload())
        self._serial += 1
        extension = self._random.choice(EXTENSIONS)
        # Now and then a package of many packets; bzip2 is too slow for that.
        size = 300_000 if extension == ".conda" and self._random.random() < 0.1 else 0
        return artifacts.make(
            prefix or self._random.choice(PACKAGES), f"1.{self.round}.{self._serial}", f"u{self.number}_0",
            subdir=self._random.choice(SUBDIRS), extension=extension, payload=self._payload(size))

    def _payload(self, size: int = 0) -> bytes:
        return self._random.randbytes(size or self._random.randrange(100, 1500))

    def _request(self, artifact, data: bytes, *, force=False, digest: str | None = None, chunked=None) -> list[bytes]:
        digest = artifacts.sha256(data) if digest is None else digest
        target = (
            f"/api/channels/{self.ledger.channel}/upload/{quote(artifact.file_name)}"
            f"?force={str(force).lower()}&sha256={digest}")
        chunked = self._random.random() < 0.3 if chunked is None else chunked
        return raw_request(target, self._key, data, chunked=chunked)

    def _exchange(self, file_name: str, request: list[bytes], expected: tuple[int, ...]) -> Outcome:
        self.is_busy = True
        outcome, status, body = self._wire.exchange(request)
        if outcome in (Outcome.ACCEPTED, Outcome.REFUSED):
            self.is_busy = False
            if status not in expected:
                self.ledger.note_unexpected(f"{file_name}: status {status}, expected {expected}: {body[:300]!r}")
        elif not self._over.is_set():
            self._over.wait(0.01)  # the server is gone; the end is near
        return outcome
