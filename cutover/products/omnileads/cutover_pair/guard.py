"""The loop: look, decide, act. Every voter is asked in a thread of its own, so nothing here waits for a silent one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import address, server
from .claim import Claim, claim_of
from .decision import FRESH, PRIMARY, STANDBY, STOPPED, Decision, Own, Peer, View, decide, may_be_promoted, settled
from .settings import RUN, STATE, Settings
from .voter import Answer, Voter

PAUSE = 0.25
"""Seconds between two looks."""

ASKING = 60.0
"""Seconds for which this host asks for promotion, unless it got it."""

HURRY = 0.05
"""Seconds between two looks while roles change."""

CHANGING = 5.0
"""Seconds for which a change of roles takes effect, after the last sign of one."""

START_AGAIN = 5.0
"""Seconds before PostgreSQL is started again that did not stay up."""

# Taken out of the environment: what is run here would tell systemd of itself in the guard's name.
NOTIFY = os.environ.pop("NOTIFY_SOCKET", "")

ALONE = STATE / "alone"
HOLD = RUN / "hold"
HANDS_OVER = " hand-over"
HEARD = RUN / "heard"


class Guard:
    """The guard of one database host."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.voters = {
            name: Voter(settings.node, name, lan, settings.password, name == settings.third)
            for name, lan in settings.addresses.items()
        }
        now = time.monotonic()
        # Until somebody knows better: the other host may be doing all it can.
        self.peer_claim, self.peer_heard = Claim(writes=True, reads=True), now
        self.heard = _remembered()
        self.streamed = self.was_followed = -FRESH
        self.asking_until = 0.0
        self.tried = -START_AGAIN
        self.announce_until = self.changing_until = 0.0
        self.ended = 0
        self.woken = threading.Event()
        self.giving: threading.Thread | None = None
        self.claim = Claim()
        self.decision = Decision()
        self.holds: frozenset[str] = frozenset()
        self.view = self.look()

    def run(self) -> None:
        """Guard until told to end; then no address is held any more."""
        for voter in self.voters.values():
            voter.start()
        began = time.monotonic()
        while time.monotonic() < began + FRESH and not all(voter.answer for voter in self.voters.values()):
            time.sleep(0.05)
        self._tell("READY=1")
        try:
            while True:
                self.view = self.look()
                self.act(decide(self.view))
                self._tell("WATCHDOG=1")
                self.woken.wait(self._pause())
                self.woken.clear()
        finally:
            self.release()

    def look(self) -> View:
        """Return what this host sees now."""
        now = time.monotonic()
        self._hear_peer()
        fresh = self._fresh(now)
        peer = fresh.get(self.settings.peer)
        third = fresh.get(self.settings.third)
        others = [voter.answer for name, voter in self.voters.items() if name != self.settings.node and voter.answer]
        self.heard = max([*(answer.sent for answer in others), self.heard])
        HEARD.write_text(str(self.heard))
        own = self._own(now, fresh.get(self.settings.node))
        if own.role == PRIMARY:
            self.asking_until = 0.0
        alone = self._alone(fresh)
        return View(
            node=self.settings.node,
            own=own,
            peer=Peer(
                role="" if peer is None else STANDBY if peer.recovery else PRIMARY,
                timeline=peer.timeline if peer else 0,
                writes=self.peer_claim.writes,
                asks=self.peer_claim.asks,
                reads=self.peer_claim.reads,
                ended=self.peer_claim.ended,
                silent=now - self.peer_heard,
            ),
            unheard=0.0 if alone else now - self.heard,
            owner=third.owner if third else self.settings.node if alone else "",
            settled=settled(self.settings.node, self._said(fresh), serving=own.role != STOPPED, alone=alone),
            held=self.held() > 0 and (own.role == STOPPED or not self.hands_over()),
        )

    def _pause(self) -> float:
        """Return the time until the next look; while roles change, everybody is asked more often too."""
        now = time.monotonic()
        if now < self.asking_until or self.held():
            self.changing_until = now + CHANGING
        changing = now < self.changing_until
        for voter in self.voters.values():
            voter.hurry(changing)
        return HURRY if changing else PAUSE

    def _fresh(self, now: float) -> dict[str, Answer]:
        answers = {name: voter.answer for name, voter in self.voters.items()}
        return {name: answer for name, answer in answers.items() if answer and now - answer.sent < FRESH}

    def _said(self, fresh: Mapping[str, Answer]) -> dict[str, bool]:
        """Return which voters have heard the present claim; a peer whose server ended the session cannot."""
        ended = {self.settings.peer} if self.voters[self.settings.peer].problem else set()
        return {name: answer.claim == self.claim for name, answer in fresh.items() if name not in ended}

    def _alone(self, fresh: Mapping[str, Answer]) -> bool:
        """
        Return whether an operator has said that both other voters are off, and none of them has been heard since.

        The first word of one of them ends it for good: from then on a majority decides again.
        """
        if not ALONE.exists():
            return False
        if set(fresh) - {self.settings.node}:
            _say("another voter is heard again: this host is no longer alone")
            ALONE.unlink(missing_ok=True)
            return False
        return True

    def _own(self, now: float, answer: Answer | None) -> Own:
        data = Path(self.settings.data)
        role = server.role(data)
        if role != STOPPED:
            self.ended = 0
        elif not self.ended and self.hands_over():
            self.ended = server.ended(self.settings)
        if answer and answer.streams:
            self.streamed = now
        if answer and answer.followed:
            self.was_followed = now
        return Own(
            role=role,
            follower=server.follower(data),
            timeline=answer.timeline if answer else 0,
            writable=role == PRIMARY and answer is not None and not answer.recovery,
            streams=role == STANDBY and now - self.streamed < FRESH,
            followed=now - self.was_followed < FRESH,
            fenced=server.fenced(),
            replayed=answer.lsn if answer and role == STANDBY else 0,
            ended=self.ended,
        )

    def _hear_peer(self) -> None:
        """Take the other host's newest word at any voter."""
        for answer in [voter.answer for voter in self.voters.values() if voter.answer]:
            for name, age in answer.claims:
                claim = claim_of(name, self.settings.peer)
                if claim is not None and answer.received - age > self.peer_heard:
                    self.peer_claim, self.peer_heard = claim, answer.received - age

    def act(self, decision: Decision) -> None:
        """Do what was decided: first give up, then say, then take."""
        if decision.waits != self.decision.waits or decision.fence != self.decision.fence:
            _say(decision.fence or decision.waits or "all is as it should be")
        self.decision = decision
        s = self.settings
        self.holds = address.held(s.nic) & {s.write, s.read}
        if not decision.rw:
            self._drop(s.write)
        if not decision.ro:
            self._drop(s.read)
        if decision.fence:
            if self.view.own.fenced != decision.fence:
                server.fence(decision.fence)
            if self.view.own.role == PRIMARY:
                server.stop_now(s)
        self._claim(Claim(decision.claim, time.monotonic() < self.asking_until, decision.ro, decision.ended))
        if self.view.settled:
            if decision.rw:
                self._take(s.write)
            if decision.ro:
                self._take(s.read)
        if decision.own:
            self._own_it()
        if decision.start and time.monotonic() > self.tried + START_AGAIN:
            self.tried = time.monotonic()
            server.unfence()
            server.start(s)

    def _claim(self, claim: Claim) -> None:
        self.claim = claim
        for voter in self.voters.values():
            voter.say(claim)

    def _own_it(self) -> None:
        if self.giving is None or not self.giving.is_alive():
            self.giving = threading.Thread(target=self._give, daemon=True)
            self.giving.start()

    def _give(self) -> None:
        try:
            self.voters[self.settings.third].give(self.settings.node)
        except Exception as error:
            _say(f"the third voter does not take this host as the one that writes: {error}")

    def _take(self, wanted: str) -> None:
        s = self.settings
        if wanted not in self.holds:
            _say(f"takes {wanted}")
            address.take(s.nic, wanted, s.prefix)
            self.holds |= {wanted}
            self.announce_until = time.monotonic() + 3
        elif time.monotonic() < self.announce_until:
            address.announce(s.nic, wanted)

    def _drop(self, unwanted: str) -> None:
        if unwanted in self.holds:
            _say(f"gives up {unwanted}")
            address.drop(self.settings.nic, unwanted, self.settings.prefix)
            self.holds -= {unwanted}

    def release(self) -> None:
        """Give up every address."""
        self.holds = address.held(self.settings.nic)
        self._drop(self.settings.write)
        self._drop(self.settings.read)

    def held(self) -> float:
        """Return for how many seconds more the pair is in somebody's hand."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return max(0.0, float(HOLD.read_text().split()[0]) - time.monotonic())
        return 0.0

    def hands_over(self) -> bool:
        """Return whether a hold begins only when PostgreSQL has ended, and the other host is to take over then."""
        with contextlib.suppress(OSError):
            return HOLD.read_text().endswith(HANDS_OVER)
        return False

    def hold(self, seconds: float, *, hand_over: bool = False) -> None:
        """
        Give up the address for writing and neither fence nor promote, for that long.

        With `hand_over` PostgreSQL is about to be stopped: until it has ended its clients are served, or told its end.
        """
        new = HOLD.with_suffix(".new")
        new.write_text(f"{time.monotonic() + seconds}{HANDS_OVER if hand_over else ''}")
        new.rename(HOLD)
        self.woken.set()

    def unhold(self) -> None:
        """Guard again."""
        HOLD.unlink(missing_ok=True)
        self.woken.set()

    def ask_for_promotion(self, patience: float, *, handed_over: bool = False) -> str:
        """
        Ask until this host may become primary, and make the right to write its own; return why not, or nothing.

        With `handed_over` only by a primary that says where its log ended.
        """
        end = time.monotonic() + patience
        self.asking_until = time.monotonic() + ASKING
        self.woken.set()
        why = "it is not known yet"
        while time.monotonic() < end and self.view.own.role != PRIMARY:
            if self.claim.asks:
                why = may_be_promoted(self.view, handed_over=handed_over)
                if not why:
                    if not ALONE.exists():
                        self.voters[self.settings.third].give(self.settings.node)
                    # An answer from before would have the new primary believe that it was replaced.
                    while self.view.owner != self.settings.node and time.monotonic() < end:
                        time.sleep(HURRY / 2)
                    return "" if self.view.owner == self.settings.node else "the third vote does not confirm it"
            time.sleep(HURRY / 2)
        self.withdraw()
        return why

    def withdraw(self) -> None:
        """Ask for promotion no more."""
        self.asking_until = 0.0

    def status(self) -> dict[str, Any]:
        """Return how this host and its PostgreSQL are, as operators and the controller are told it."""
        now, view, s = time.monotonic(), self.view, self.settings
        own = self._fresh(now).get(s.node)
        peer = self._fresh(now).get(s.peer)
        lag = max(0, peer.lsn - own.lsn) if own and peer and own.recovery and not peer.recovery else None
        held = self.held()
        return {
            "node": s.node,
            "role": view.own.role,
            "timeline": own.timeline if own else None,
            "lsn": own.lsn if own else None,
            "lag_bytes": lag,
            "lag_seconds": None if lag is None else 0.0 if not lag else own.behind if own else None,
            "streaming": view.own.streams,
            "followed": view.own.followed,
            "writable": view.own.writable,
            "fenced": view.own.fenced or None,
            "waits": self.decision.waits or None,
            "vips": sorted(self.holds),
            "votes": {
                name: round(now - voter.answer.sent, 2) if voter.answer else None for name, voter in self.voters.items()
            },
            "problems": {name: voter.problem for name, voter in self.voters.items() if voter.problem},
            "writer": view.owner or None,
            "held": round(held, 1) or None,
            "synchronous": own.synchronous if own else None,
            "pending_restart": own.pending if own else [],
            "version": s.version,
        }

    @staticmethod
    def _tell(word: str) -> None:
        """Tell systemd."""
        if NOTIFY:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
                notify.connect("\0" + NOTIFY[1:] if NOTIFY.startswith("@") else NOTIFY)
                notify.send(word.encode())


def _remembered() -> float:
    """Return when a voter was last heard before this guard began; a guard that starts again and again gains no time."""
    with contextlib.suppress(OSError, ValueError):
        return float(HEARD.read_text())
    return time.monotonic()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def reload(settings: Settings) -> None:
    """Have PostgreSQL read its settings anew: a guard is started again when they were changed."""
    found = server.pid(Path(settings.data))
    if found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(found, signal.SIGHUP)


def prepare() -> None:
    """Make the directories that the guard keeps its marks in."""
    for directory in (STATE, RUN):
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    subprocess.run(["/usr/bin/chgrp", "postgres", str(RUN)], check=False)
