"""
Streams between a host and a bucket, as jobs: an object made of what a program prints, fed to a program, copied.

The controller signs requests, the host's courier (remote/courier.py) makes them: the bucket's keys reach no host, and
the data passes by the controller. Nothing is ever put on a disk, and an object exists only once the controller has
completed it, which it does when every stage of the job has ended well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as files_of

from cutover.errors import Finding
from cutover.hosts.job import Job, JobState
from cutover.hosts.remote import courier as program
from cutover.hosts.script import call
from cutover.secret import Secret

PATIENCE = float(os.environ.get("CUTOVER_STORE_PATIENCE", "600"))
"""Seconds for which a store may be away before a transfer is given up; CUTOVER_STORE_PATIENCE sets another number."""

COMPRESS = "zstd -T0 -3 --quiet --stdout"
"""Level 1 is no faster here, since PostgreSQL takes the time, and its objects are a quarter larger."""

COPIES = 2500
"""How many objects one job copies at most: its order, with two signed URLs each, lies in the host's memory."""


@dataclass(frozen=True, slots=True)
class Codec:
    """
    How a stream is packed on its way: compressed with zstd, then encrypted with age.

    `recipient` (a public key) is for sending, `identity` for fetching. `crlf` takes off the carriage returns that a
    terminal has put before line ends, after unpacking.
    """

    recipient: str | None = None
    identity: Secret | None = None
    zstd: bool = True
    crlf: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What was sent: bytes and SHA-256 of the object, and of each part what the store answered and its MD5.

    `plain` is the number of bytes before compression and encryption.
    """

    size: int
    plain: int
    sha256: str
    etags: tuple[str, ...]
    md5s: tuple[str, ...]

    @classmethod
    def of(cls, state: JobState) -> Sent:
        """Return what a job of `send` that ended well has left."""
        found = state.result
        etags, md5s = tuple(found["etags"]), tuple(found["md5s"])
        return cls(found["size"], found["plain"], found["sha256"], etags, md5s)

    @property
    def confirmed(self) -> bool:
        """Whether the store has answered each part's MD5; where its etags are something else, nothing is known."""
        return self.etags == self.md5s


@dataclass(frozen=True, slots=True)
class Fetched:
    """An object to fetch: a signed URL, its size in bytes, its SHA-256 where known, how it was packed."""

    url: Secret
    size: int
    sha256: str | None = None
    codec: Codec = Codec()


@dataclass(frozen=True, slots=True)
class Copy:
    """An object to copy: its key, signed URLs to get and to put it, its size in bytes as far as known."""

    key: str
    get: Secret
    put: Secret
    size: int = 0


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, by key: size in bytes and SHA-256; `gone` are the keys that were not there any more."""

    objects: Mapping[str, tuple[int, str]]
    gone: tuple[str, ...]

    @classmethod
    def of(cls, state: JobState) -> Copied:
        """Return what a job of `copy` that ended well has left."""
        objects = {key: (size, digest) for key, (size, digest) in state.result["copied"].items()}
        return cls(objects, tuple(state.result["gone"]))


def parts_for(size: int) -> int:
    """Return how many parts a stream of that many bytes is sent in."""
    number = 0
    while size > 0:
        number += 1
        size -= program.part_size(number)
    return max(number, 1)


def _job(
    name: str, lines: Iterable[str], order: Mapping[str, object], files: Mapping[str, bytes], libraries: tuple[str, ...]
) -> Job:
    text = (files_of("cutover.hosts.remote") / "courier.py").read_bytes()
    return Job(name, tuple(lines), {"courier.py": text, "order": json.dumps(order).encode(), **files}, libraries)


def _pipeline(stages: Mapping[str, str]) -> list[str]:
    """Return the lines of a pipeline whose every stage's end is written down."""
    piped = " |\n".join(stages.values())
    return [piped, f'{call("stages", *stages, "--")} "${{PIPESTATUS[@]}}"']


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["{ set -e", *lines, "}"])


def send(
    name: str,
    source: Sequence[str],
    urls: Sequence[Secret],
    codec: Codec = Codec(),
    *,
    verify: bool = True,
    files: Mapping[str, bytes] | None = None,
    libraries: tuple[str, ...] = (),
) -> Job:
    """
    Return the job that sends what the bash lines `source` write to standard output to the parts of an upload.

    `urls` are the parts' signed URLs, part 1 first, at least `parts_for` the size; `files` are for the source.
    """
    stages = {"source": _block(source), "count": "python3 courier.py count"}
    if codec.zstd:
        stages["compress"] = COMPRESS
    if codec.recipient is not None:
        stages["encrypt"] = call("age", "--encrypt", "--recipient", codec.recipient)
    stages["send"] = "python3 courier.py send"
    order = {"urls": [url.reveal() for url in urls], "verify": verify, "patience": PATIENCE}
    return _job(name, _pipeline(stages), order, files or {}, libraries)


def fetch(
    name: str,
    wanted: Fetched,
    sink: Sequence[str],
    *,
    verify: bool = True,
    files: Mapping[str, bytes] | None = None,
    libraries: tuple[str, ...] = (),
) -> Job:
    """
    Return the job that fetches an object, unpacks it and feeds it to the bash lines `sink` on standard input.

    The sink works before the object's checksum is known: what it makes counts only once the job has ended well.
    """
    codec = wanted.codec
    stages = {"fetch": "python3 courier.py fetch"}
    given = dict(files or {})
    if codec.identity is not None:
        given["identity"] = codec.identity.reveal().encode()
        stages["decrypt"] = "age --decrypt --identity identity"
    if codec.zstd:
        stages["unpack"] = "zstd --decompress --quiet --stdout"
    if codec.crlf:
        stages["newlines"] = "sed 's/\\r$//'"
    stages["sink"] = _block(sink)
    order = {
        "url": wanted.url.reveal(),
        "size": wanted.size,
        "sha256": wanted.sha256,
        "verify": verify,
        "patience": PATIENCE,
    }
    return _job(name, _pipeline(stages), order, given, libraries)


def copy(name: str, copies: Sequence[Copy], *, verify: bool = True, verify_source: bool = True) -> Job:
    """Return the job that copies objects, at most COPIES of them; those that are gone are told, not an error."""
    if len(copies) > COPIES:
        raise ValueError(f"a job copies {COPIES} objects, not {len(copies)}")
    order = {
        "copies": [(each.key, each.get.reveal(), each.put.reveal()) for each in copies],
        "verify": verify,
        "verify_source": verify_source,
        "patience": PATIENCE,
    }
    return _job(name, _pipeline({"copy": "python3 courier.py copy"}), order, {}, ())


def objection(state: JobState, what: str, where: str) -> Finding | None:
    """
    Return why a transfer failed, None when it did not; of several stages that failed, the one that is the cause.

    `what` names what was to be moved, `where` its host or object.
    """
    if state.status == 0:
        return None
    return _of_the_store(state, what, where) or _of_a_stage(state, what, where) or _ended(state, what, where)


SIGPIPE = 141
"""How a shell tells that a program wrote to one that had ended."""

AGAIN = "run the same command again"
OTHER = "take another backup; this one cannot be used"


def _of_the_store(state: JobState, what: str, where: str) -> Finding | None:
    """Return what the courier itself ended with, when that is a cause."""
    said = str(state.result.get("problem", ""))
    ends = {state.stages.get(name, 0) for name in ("send", "fetch", "copy", "count")}
    if program.EMPTY in ends and state.stages.get("source", 0) == 0:
        return Finding("CUT-712", f"{what} is empty", where, "not one byte was read", "look at its source")
    if program.SPENT in ends:
        return Finding("CUT-711", f"{what} could not be read", where, f"it has grown: {said}", AGAIN)
    return _of_the_way(ends, said, what, where) or _of_the_object(ends, said, what, where)


def _of_the_way(ends: Collection[int], said: str, what: str, where: str) -> Finding | None:
    if program.REFUSED in ends:
        todo = "check the keys, the certificate and the clock of the host, then " + AGAIN
        return Finding("CUT-713", f"the store refused {what}", where, said, todo)
    if program.AWAY in ends:
        todo = f"see that the host reaches the store, then {AGAIN}"
        return Finding("CUT-714", f"the store was away too long for {what}", where, said, todo)
    return None


def _of_the_object(ends: Collection[int], said: str, what: str, where: str) -> Finding | None:
    if program.MISSING in ends:
        return Finding("CUT-715", f"{what} is missing in the store", where, said, OTHER)
    if program.LENGTH in ends:
        return Finding("CUT-716", f"{what} is not as long as it was", where, said, OTHER)
    if program.DIGEST in ends:
        return Finding("CUT-717", f"{what} is damaged", where, said, OTHER)
    return None


def _of_a_stage(state: JobState, what: str, where: str) -> Finding | None:
    """Return what another stage ended with: the first that failed by itself, not because a later one had ended."""
    failed = [name for name, status in state.stages.items() if status not in (0, SIGPIPE, program.CLOSED)]
    said = _telling(state.log)
    todo = f"free some space on the host, then {AGAIN}" if "No space left" in said else f"mend that, then {AGAIN}"
    # what a source in a container says when a later stage has ended is an error of its own
    match failed:
        case [*_, "compress" | "encrypt"]:
            return Finding("CUT-711", f"{what} could not be packed", where, said, todo)
        case ["source", *_]:
            return Finding("CUT-711", f"{what} could not be read", where, said, todo)
        case ["decrypt", *_]:
            todo = "give the identity that belongs to the recipient it was encrypted for (backup_identity)"
            return Finding("CUT-718", f"{what} cannot be decrypted", where, said, todo)
        case ["unpack" | "newlines", *_]:
            return Finding("CUT-719", f"{what} cannot be unpacked", where, said, OTHER)
        case ["sink"]:
            return Finding("CUT-719", f"{what} could not be taken in", where, said, todo)
    return None


def _ended(state: JobState, what: str, where: str) -> Finding:
    said = _telling(state.log) or f"exit status {state.status}"
    return Finding("CUT-711", f"the transfer of {what} ended early", where, said, AGAIN)


def _telling(log: str) -> str:
    """Return the last lines of a log, without those in which a database repeats the rows it stumbled over."""
    hidden = ("CONTEXT:", "DETAIL:")
    lines = [line for line in log.splitlines() if line.strip() and not any(word in line for word in hidden)]
    return "\n".join(lines[-6:])
