from itertools import product
from typing import get_args

import pytest

from gisgrid.incidents.lifecycle import (
    ENDED,
    EVIDENCE,
    MISSING,
    OPEN,
    RULES,
    STATES,
    Hand,
    IllegalMove,
    Incomplete,
    Move,
    Need,
    NotYourMove,
    Standing,
    State,
    judge,
    open_to,
    required,
)

HANDS: frozenset[Hand] = frozenset(get_args(Hand))
NEEDS: frozenset[Need] = frozenset(get_args(Need))
MOVES = list(RULES)

# the loop once more, as an office would write it on the wall: where each move leads from where
WALL: dict[Move, dict[str, str]] = {
    "verify": {"reported": "verified"},
    "file": {"reported": "filed", "verified": "filed"},
    "reject": {"reported": "rejected", "verified": "rejected"},
    "merge": {"reported": "merged", "verified": "merged", "filed": "merged"},
    "settle": {"reported": "settled", "verified": "settled", "filed": "settled"},
    "dispatch": {"filed": "dispatched"},
    "accept": {"dispatched": "handling"},
    "send_back": {"dispatched": "filed", "handling": "filed"},
    "transfer": {"dispatched": "dispatched", "handling": "dispatched"},
    "finish": {"handling": "handled"},
    "pass": {"handled": "closed", "settled": "closed"},
    "fail": {"handled": "handling", "settled": "verified"},
    "evaluate": {"closed": "evaluated", "settled": "evaluated"},
    "escalate": {each: each for each in ("reported", "verified", "filed", "dispatched", "handling")},
    "hand_over": {each: each for each in ("reported", "verified", "filed")},
    "suspend": {"handling": "suspended"},
    "resume": {"suspended": "handling"},
    "extend": {"dispatched": "dispatched", "handling": "handling"},
    "reopen": {
        **dict.fromkeys(("closed", "evaluated", "settled"), "verified"),
        **dict.fromkeys(("rejected", "merged"), "reported"),
    },
}


def standing(state: State, **given: object) -> Standing:
    everything = {"hands": HANDS, "met": NEEDS, "demanded": EVIDENCE, "is_own": False}
    return Standing(state, **{**everything, **given})  # type: ignore[arg-type]


def test_every_state_move_and_need_has_its_words() -> None:
    assert set(get_args(State)) == set(STATES)
    assert set(get_args(Move)) == set(RULES) == set(WALL)
    assert set(MISSING) == NEEDS
    assert set(STATES) == OPEN | ENDED


@pytest.mark.parametrize(("move", "state"), list(product(MOVES, STATES)))
def test_a_move_leads_where_the_wall_says_and_nowhere_else(move: Move, state: State) -> None:
    if state in WALL[move]:
        assert judge(move, standing(state)) == WALL[move][state]
    else:
        with pytest.raises(IllegalMove, match=STATES[state][0]):
            judge(move, standing(state))


@pytest.mark.parametrize(("move", "start"), [(move, start) for move in MOVES for start in WALL[move]])
def test_a_move_takes_all_that_it_needs_and_nothing_else(move: Move, start: State) -> None:
    needs = set(RULES[move].needs)
    assert judge(move, standing(start, met=frozenset(needs))) == WALL[move][start]
    for need in needs:
        with pytest.raises(Incomplete) as caught:
            judge(move, standing(start, met=NEEDS - {need}))
        assert MISSING[need][0] in caught.value.zh
        assert MISSING[need][1] in caught.value.en


@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_in_the_hands_that_the_table_names(move: Move) -> None:
    start: State = next(iter(RULES[move].leads))
    for hand in HANDS:
        held = standing(start, hands=frozenset({hand}))
        if hand in RULES[move].hands:
            assert judge(move, held) == WALL[move][start]
        else:
            with pytest.raises(NotYourMove):
                judge(move, held)
    with pytest.raises(NotYourMove):
        judge(move, standing(start, hands=frozenset()))


@pytest.mark.parametrize("move", MOVES)
def test_nobody_judges_what_is_their_own(move: Move) -> None:
    start: State = next(iter(RULES[move].leads))
    own = standing(start, is_own=True)
    if move in ("verify", "pass", "fail"):
        with pytest.raises(NotYourMove, match="他人"):
            judge(move, own)
    else:
        judge(move, own)


@pytest.mark.parametrize("move", ["settle", "pass"])
def test_evidence_is_asked_for_where_the_kind_demands_it(move: Move) -> None:
    start: State = next(iter(RULES[move].leads))
    without = NEEDS - EVIDENCE
    assert judge(move, standing(start, met=without, demanded=frozenset())) == WALL[move][start]
    with pytest.raises(Incomplete, match="照片"):
        judge(move, standing(start, met=without, demanded=frozenset({"photo"})))
    assert "near" not in required(move, standing(start, demanded=frozenset({"photo"})))


@pytest.mark.parametrize("state", list(STATES))
def test_the_moves_open_to_somebody_are_those_that_would_be_judged_well(state: State) -> None:
    for hand, is_own in product(HANDS, (False, True)):
        held = standing(state, hands=frozenset({hand}), is_own=is_own)
        well = []
        for move in MOVES:
            try:
                judge(move, held)
            except (IllegalMove, NotYourMove):
                continue
            well.append(move)
        assert open_to(held) == well


def test_from_every_state_there_is_a_way_to_an_end() -> None:
    reached = set(ENDED)
    while True:
        more = {start for rule in RULES.values() for start, end in rule.leads.items() if end in reached}
        if more <= reached:
            break
        reached |= more
    assert reached == set(STATES)


def test_what_goes_back_gives_a_reason() -> None:
    for move in ("reject", "send_back", "fail", "transfer", "escalate", "hand_over", "suspend", "reopen", "extend"):
        assert "reason" in RULES[move].needs  # type: ignore[index]
