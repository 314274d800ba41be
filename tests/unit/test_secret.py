from __future__ import annotations

import pickle

import pytest

from cutover.secret import Secret, without

CANARY = Secret("canary-in-a-coal-mine")


def test_w22_a_secret_is_asterisks_wherever_it_is_formatted() -> None:
    shown = f"{CANARY} {CANARY!r} {[CANARY]}"
    assert "canary" not in shown
    assert CANARY.reveal() == "canary-in-a-coal-mine"


def test_a_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(CANARY)


def test_what_a_component_printed_is_shown_without_secrets_the_longest_first() -> None:
    text = "login failed for canary-in-a-coal-mine and canary"
    shown = without(text, [Secret("canary"), CANARY, Secret("")])
    assert shown == "login failed for ********** and **********"
