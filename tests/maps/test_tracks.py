"""Maps of tracks in a real browser, and patrols that walk again."""

import pandas as pd
from playwright.sync_api import Page, expect

from gisgrid.maps.drawings import CHINA
from gisgrid.maps.pages import GridMap
from gisgrid.maps.tracks import MOST_DOTS, draw_track, replayed
from tests.maps.builders import WEST, cells, drawn, fixes
from tests.maps.conftest import Show


def test_track(show: Show) -> None:
    both = pd.concat([fixes(0, 60, 2000), fixes(0, 60, patrol_id=2, start="2026-11-02T00:00:00Z")])
    page = show(draw_track(cells(), both, title="轨迹"))
    expect(drawn(page, "track")).to_have_count(2)
    expect(drawn(page, "silence")).to_have_count(1)
    expect(drawn(page, "fix")).to_have_count(5)
    expect(page.locator(".mark.start")).to_have_count(2)
    expect(page.locator(".legend")).to_contain_text("2026-11-01 08:00 – 08:33")
    drawn(page, "fix").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card", has_text="2026-11-01 08:01:00")).to_be_visible()


def test_the_legend_shows_one_patrol_alone_and_all_again(show: Show) -> None:
    both = pd.concat([fixes(0, 60), fixes(0, 60, patrol_id=2, start="2026-11-02T00:00:00Z")])
    page = show(draw_track(cells(), both, title="轨迹"))
    second = page.locator(".legend button").nth(1)
    second.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".map .patrol-1:not(.aside)")).to_have_count(6)  # a line, two fixes, three marks
    expect(page.locator(".map .patrol-0:not(.aside)")).to_have_count(0)
    second.press("Enter")
    expect(page.locator(".map .aside")).to_have_count(0)


def test_one_wrong_fix_does_not_make_the_rest_a_speck(show: Show) -> None:
    walk = fixes(*range(0, 12000, 60))
    walk.loc[100, ["longitude", "latitude"]] = [115.4, 23.6]
    page = show(draw_track(cells(), walk, title="轨迹"))
    expect(drawn(page, "silence")).to_have_count(1)
    width = drawn(page, "track").evaluate("it => it.getBoundingClientRect().width")
    assert width > 600


def test_a_single_fix_is_a_track_without_a_line(show: Show) -> None:
    page = show(draw_track(cells(), fixes(0), title="轨迹"))
    expect(drawn(page, "track")).to_have_count(0)
    expect(drawn(page, "fix")).to_have_count(1)


def test_very_many_fixes_are_a_line_only(show: Show) -> None:
    page = show(draw_track(cells(), fixes(*range(MOST_DOTS + 1)), title="轨迹"))
    expect(drawn(page, "track")).to_have_count(1)
    expect(drawn(page, "fix")).to_have_count(0)
    expect(page.locator(".notes")).to_contain_text(str(MOST_DOTS + 1))


def test_no_fixes(show: Show) -> None:
    page = show(draw_track(cells(), fixes(), title="轨迹"))
    expect(drawn(page, "border.street")).to_have_count(1)


# --- replay --------------------------------------------------------------------------------------


def both_days() -> pd.DataFrame:
    return pd.concat([fixes(0, 60, 2000, 2060), fixes(0, 60, 120, patrol_id=2, start="2026-11-02T00:00:00Z")])


def walked() -> GridMap:
    return draw_track(cells(), both_days(), title="轨迹")


def go(page: Page, second: int) -> None:
    page.get_by_role("slider").evaluate(
        "(range, value) => { range.value = value; range.dispatchEvent(new Event('input')); }", second
    )


def test_what_a_replay_goes_by() -> None:
    first, second = (patrol for _, patrol in both_days().groupby("patrol_id"))
    told = replayed([first, second], CHINA, gap_s=300, length_m=1000)
    start = 1793491200
    assert [(each["start"] - start, each["end"] - start) for each in told["spans"]] == [(0, 2060), (86400, 86520)]
    assert {each["offset"] for each in told["spans"]} == {28800}
    assert told["last"] == 2180
    silent = [[0, WEST, 22.61], [60, 114.401, 22.61, 1], [1940, 114.402, 22.61], [60, 114.403, 22.61]]
    assert told["patrols"][0]["fixes"] == silent
    overlapping = replayed([first, first.assign(patrol_id=3)], CHINA, gap_s=300, length_m=1000)
    assert overlapping["last"] == 2060


def test_patrols_walk_again_and_their_silence_is_told(show: Show) -> None:
    page = show(walked())
    told, walker = page.locator(".timeline output"), page.locator(".mark.walker")
    expect(told).to_have_text("2026-11-01 08:00:00")
    expect(walker).to_have_count(0)
    go(page, 30)
    expect(told).to_have_text("2026-11-01 08:00:30　巡查 Patrol 1")
    expect(walker).to_have_count(1)
    start, at = page.locator(".mark.start.patrol-0").bounding_box(), walker.bounding_box()
    assert start
    assert at
    assert at["x"] > start["x"]
    go(page, 660)
    expect(told).to_have_text("2026-11-01 08:11:00　巡查 Patrol 1 无定位 no fix 10 min")
    expect(page.locator(".mark.walker.silent")).to_have_count(1)
    go(page, 2130)  # the night between the two is left out
    expect(told).to_have_text("2026-11-02 08:01:10　巡查 Patrol 2")
    expect(page.locator(".mark.walker")).to_have_text("2")
    go(page, 0)
    expect(walker).to_have_count(0)


def test_it_plays_as_fast_as_one_likes(show: Show, page: Page) -> None:
    page.clock.install()
    show(walked())
    page.get_by_label("速度 Speed").select_option("10")
    page.get_by_role("button", name="播放 Play").press("Enter")
    page.clock.run_for(3000)
    page.get_by_role("button", name="暂停 Pause").click()
    assert 25 <= int(page.get_by_role("slider").input_value()) <= 31
    page.get_by_label("速度 Speed").select_option("300")
    page.get_by_role("button", name="播放 Play").click()
    page.clock.run_for(12000)
    expect(page.locator(".timeline output")).to_contain_text("2026-11-02 08:02:00")
    expect(page.get_by_role("button", name="播放 Play")).to_be_visible()


def test_who_wants_no_motion_goes_from_fix_to_fix(show: Show, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.clock.install()
    show(walked())
    page.get_by_label("速度 Speed").select_option("1")
    page.clock.run_for(3000)
    expect(page.locator(".timeline output")).to_have_text("2026-11-01 08:00:00")
    page.get_by_role("button", name="播放 Play").click()
    page.clock.run_for(500)
    expect(page.locator(".timeline output")).to_have_text("2026-11-01 08:00:00")
    page.clock.run_for(600)
    expect(page.locator(".timeline output")).to_contain_text("2026-11-01 08:01:00")


def test_a_patrol_that_is_not_to_be_seen_does_not_walk(show: Show) -> None:
    page = show(walked())
    page.locator(".legend button").nth(1).click()
    go(page, 30)
    expect(page.locator(".mark.walker")).to_be_hidden()


def test_a_single_fix_has_nothing_to_replay(show: Show) -> None:
    expect(show(draw_track(cells(), fixes(0), title="轨迹")).locator(".timeline")).to_have_count(0)
