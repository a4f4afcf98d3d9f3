import numpy as np
import pytest
from prcoords import gcj_wgs_bored

from gisgrid.sample.phone import Habits, deliveries, errors, mistaken, moments
from gisgrid.sample.walk import Walk

NEVER = Habits(*[0.0] * len(Habits._fields))
HOUR = Walk(np.array([0.0, 1200, 1800, 3600]), np.array([0.0, 1500, 1500, 3750]), np.array([[0.0, 0], [3750, 0]]))
PLACES = np.tile([[114.4157, 22.6379]], (400, 1))


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_an_untroubled_phone_measures_at_its_interval() -> None:
    seconds = moments(HOUR, 40, chance(), NEVER)
    assert len(seconds) == 90
    assert (seconds == np.floor(seconds)).all()
    assert (np.abs(seconds - np.arange(90) * 40) < 5).all()


def test_a_sleeping_phone_leaves_one_silence() -> None:
    for seed in range(20):
        gaps = np.diff(moments(HOUR, 40, chance(seed), NEVER._replace(asleep_walk=1.0)))
        assert (gaps > 60).sum() <= 1
    longest = [np.diff(moments(HOUR, 40, chance(seed), NEVER._replace(asleep_walk=1.0))).max() for seed in range(20)]
    assert max(longest) > 1800


def test_a_phone_that_sleeps_when_still_is_silent_at_the_stop() -> None:
    seconds = moments(HOUR, 40, chance(), NEVER._replace(asleep_when_still_walk=1.0))
    assert not ((seconds > 1220) & (seconds < 1800)).any()
    assert ((seconds > 1800) & (seconds < 1900)).any()


def test_claimed_accuracy_holds_68_percent() -> None:
    held = []
    for seed in range(300):
        offsets, accuracy = errors(100, chance(seed), NEVER)
        held.append((np.hypot(*offsets.T) <= accuracy).mean())
    assert np.mean(held) == pytest.approx(0.68, abs=0.02)


def test_errors_drift() -> None:
    offsets, accuracy = errors(5000, chance(), NEVER)
    unit = offsets[:, 0] / accuracy
    assert np.corrcoef(unit[:-1], unit[1:])[0, 1] > 0.7
    assert np.median(accuracy) == pytest.approx(8, rel=0.15)
    assert accuracy.min() >= 3


def test_some_fixes_claim_nothing() -> None:
    _, accuracy = errors(5000, chance())
    assert 0.01 < np.isnan(accuracy).mean() < 0.03


def test_nothing_wrong() -> None:
    told, faults = mistaken(PLACES, chance(), NEVER)
    assert (told == PLACES).all()
    assert not any(faults)


def test_vendor_coordinates_shift_the_whole_walk() -> None:
    told, faults = mistaken(PLACES, chance(), NEVER._replace(gcj02_walk=1.0))
    assert set(faults) == {"gcj02"}
    undone = gcj_wgs_bored((told[0, 1], told[0, 0]))
    assert (undone.lon, undone.lat) == pytest.approx(tuple(PLACES[0]), abs=1e-6)
    assert 0.003 < np.abs(told - PLACES).max() < 0.01


def test_single_fixes_go_wrong() -> None:
    told, faults = mistaken(PLACES, chance(), NEVER._replace(teleport_fix=0.2, swapped_fix=0.2, zero_fix=0.2))
    assert set(faults) == {None, "teleport", "swapped", "zero"}
    assert (told[faults == "zero"] == 0).all()
    assert (told[faults == "swapped"] == PLACES[0, ::-1]).all()
    assert (np.abs(told[faults == "teleport"] - PLACES[0]) <= 0.04).all()
    assert (told[[fault is None for fault in faults]] == PLACES[0]).all()


def test_a_phone_with_a_network_delivers_at_once() -> None:
    seconds = np.arange(0, 3600, 40.0)
    number, received = deliveries(seconds, chance(), NEVER)
    assert (number == np.arange(90)).all()
    assert (received > seconds).all()
    assert (received - seconds < 60).all()


def test_a_phone_without_delivers_the_rest_together_hours_later() -> None:
    seconds = np.arange(0, 3600, 40.0)
    _, received = deliveries(seconds, chance(), NEVER._replace(delivered_hours_late_walk=1.0))
    late = received - seconds > 3600
    assert late.sum() > 20
    assert len(set(received[late])) == 1
    assert 1.5 * 3600 <= received.max() - seconds[-1] <= 10 * 3600


def test_what_is_delivered_twice_comes_again_later() -> None:
    seconds = np.arange(0, 3600, 40.0)
    number, received = deliveries(seconds, chance(), NEVER._replace(delivered_twice_walk=1.0))
    again = number[90:]
    assert (again == np.arange(again[0], 90)).all()
    assert (received[90:] > received[again]).all()
