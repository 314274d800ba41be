from __future__ import annotations

from datetime import timedelta

import pytest

from cutover.plan.calls import Answer, CallPolicy

HALF_AN_HOUR = timedelta(minutes=30)
WAIT = CallPolicy("wait", HALF_AN_HOUR)
REFUSE = CallPolicy("refuse", HALF_AN_HOUR, "02:00-04:00")
CUT = CallPolicy("cut", HALF_AN_HOUR)


@pytest.mark.parametrize(
    ("policy", "live", "minutes", "in_window", "answer"),
    [
        (WAIT, 0, 0, False, Answer.GO_ON),
        (WAIT, 2, 0, False, Answer.WAIT),
        (WAIT, 2, 29, False, Answer.WAIT),
        (WAIT, 1, 30, False, Answer.REFUSE),
        (REFUSE, 0, 0, False, Answer.GO_ON),
        (REFUSE, 1, 0, False, Answer.REFUSE),
        (REFUSE, 1, 0, True, Answer.GO_ON),
        (CUT, 9, 0, False, Answer.GO_ON),
    ],
)
def test_live_calls_are_waited_for_a_reason_to_refuse_or_cut(
    policy: CallPolicy, live: int, minutes: int, in_window: bool, answer: Answer
) -> None:
    assert policy.answer(live, timedelta(minutes=minutes), in_window=in_window) is answer


def test_a_policy_reads_as_a_sentence_of_the_plan() -> None:
    assert str(WAIT) == "waits up to 30 minutes for live calls to end"
    assert str(REFUSE) == "refused while there are live calls, but from 02:00-04:00"
    assert str(CUT) == "live calls are cut"
