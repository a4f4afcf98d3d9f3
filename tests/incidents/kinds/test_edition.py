import csv
import re
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from gisgrid.incidents.kinds.edition import Condition, Edition, Kind, UnknownKind
from gisgrid.incidents.kinds.stored import starter

KINDS = starter().kinds
CLASSES = {
    "C01": "公用设施", "C02": "道路交通", "C03": "市容环境", "C04": "园林绿化", "C05": "其他设施",
    "E01": "市容环境", "E02": "宣传广告", "E03": "施工管理", "E04": "突发事件", "E05": "街面秩序", "E06": "其他事件",
    "L01": "公共治安", "L02": "矛盾纠纷", "L03": "信访", "L04": "出租屋管理", "L05": "消防安全", "L06": "安全生产",
    "L07": "环境卫生", "L08": "人员救助", "L09": "未成年人保护", "L10": "家庭暴力", "L11": "举报线索", "L12": "投诉",
}  # fmt: skip


def test_codes_are_a_block_a_class_and_a_subclass() -> None:
    assert all(re.fullmatch(r"[CEL]\d{4}", code) for code in KINDS)
    assert list(KINDS) == sorted(KINDS)
    assert all(kind.code == code for code, kind in KINDS.items())


def test_every_class_is_there_and_has_one_name() -> None:
    assert {kind.class_code: kind.class_zh for kind in KINDS.values()} == CLASSES
    named = {(kind.class_code, kind.class_zh, kind.class_en) for kind in KINDS.values()}
    assert len(named) == len(CLASSES)


def test_names_are_there_in_both_languages_and_differ_within_a_class() -> None:
    assert all(kind.name_zh.strip() and kind.name_en.strip() and kind.name_en.isascii() for kind in KINDS.values())
    assert len({(kind.class_code, kind.name_zh) for kind in KINDS.values()}) == len(KINDS)


def test_petitions_distress_minors_violence_and_informants_are_for_handlers_alone() -> None:
    kept = {kind.class_code: kind.confidentiality for kind in KINDS.values() if kind.confidentiality}
    secret = dict.fromkeys(("L03", "L08", "L09", "L10", "L11"), "handlers")
    assert kept == {**secret, "L12": "impartial"}
    for kind in KINDS.values():
        assert kind.confidentiality == kept.get(kind.class_code, "")
        assert (kind.is_confidential, kind.is_complaint) == (kind.class_code in secret, kind.class_code == "L12")


def test_a_kind_that_is_none() -> None:
    assert starter().require("L0201").name_zh == "邻里纠纷"
    with pytest.raises(UnknownKind):
        starter().require("l0201")


@pytest.mark.parametrize("text", ["E0102", "e0102", "暴露垃圾", " 暴露垃圾 ", "exposed rubbish", "Exposed Rubbish"])
def test_a_kind_is_called_by_its_code_or_a_name(text: str) -> None:
    assert starter().called(text).code == "E0102"


def test_every_kind_is_called_by_both_its_names() -> None:
    called = starter().called
    assert all(called(kind.name_zh) is called(kind.name_en) is called(code) is kind for code, kind in KINDS.items())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("暴露拉圾", "没有“暴露拉圾”这个事件类别;相近的有 E0102 暴露垃圾 exposed rubbish"),
        ("thefts", "没有“thefts”这个事件类别;相近的有 L0101 盗窃 theft"),
        ("E01O2", "没有“E01O2”这个事件类别;相近的有 E0102"),
        ("??", "没有“??”这个事件类别;全部类别见 gisgrid incidents kinds"),
        ("\x1b长" * 30, "没有“" + "?长" * 20 + "”这个"),
    ],
)
def test_an_unknown_kind_is_told_with_the_nearest(text: str, told: str) -> None:
    with pytest.raises(UnknownKind) as error:
        starter().called(text)
    assert error.value.zh.startswith(told)


def test_a_name_of_several_kinds_is_refused() -> None:
    doubled = {code: Kind(code, "类", "class", "其他", f"other {code}") for code in ("X0101", "X0201")}
    edition = Edition(date(2026, 1, 1), doubled)
    with pytest.raises(UnknownKind, match="X0101 其他 other X0101, X0201"):
        edition.called("其他")
    assert edition.called("other x0201").code == "X0201"


def test_a_name_that_is_the_same_in_both_languages_is_one() -> None:
    assert (
        Edition(date(2026, 1, 1), {"X0101": Kind("X0101", "类", "class", "WiFi", "wifi")}).called("WIFI").code
        == "X0101"
    )


@pytest.mark.parametrize(
    ("limit", "unit", "clock", "seconds"),
    [
        ("4", "hours", "normal", 14_400),
        ("2", "hours", "urgent", 7_200),
        ("1", "days", "normal", 28_800),
        ("1", "days", "urgent", 86_400),
        ("0.01", "hours", "urgent", 36),
        ("1.25", "days", "normal", 36_000),
    ],
)
def test_a_limit_in_seconds_of_its_clock(limit: str, unit: Any, clock: Any, seconds: int) -> None:
    assert Condition("1", "一", "one", Decimal(limit), unit, clock).limit_s == seconds


# --- the edition that comes with the program -----------------------------------------------------


def test_every_kind_has_conditions_and_those_of_the_street_are_patrolled() -> None:
    for kind in KINDS.values():
        assert kind.conditions
        assert [each.code for each in kind.conditions] == [str(n) for n in range(1, len(kind.conditions) + 1)]
        assert kind.is_patrolled or kind.code[0] == "L" or kind.code == "E0601"
        assert kind.needs_photo == (kind.needs_within_m is not None) or kind.class_code == "L06"


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("E0102", ("4", "hours", "normal")),
        ("E0201", ("1", "days", "normal")),
        ("E0501", ("2", "hours", "urgent")),
        ("E0401", ("2", "hours", "urgent")),
        ("L0502", ("2", "hours", "normal")),
        ("E0110", ("5", "days", "normal")),
    ],
)
def test_limits_are_those_of_practice(code: str, limit: tuple[str, str, str]) -> None:
    assert limit in [(str(each.limit), each.unit, each.clock) for each in KINDS[code].conditions]


def test_default_departments_are_departments_and_no_complaint_has_one() -> None:
    lines = files("gisgrid.staff").joinpath("departments.csv").read_text(encoding="utf-8").splitlines()
    there = {row["code"] for row in csv.DictReader(lines)}
    assert {kind.default_department for kind in KINDS.values()} <= {*there, ""}
    assert {kind.default_department for kind in KINDS.values() if kind.is_complaint} == {""}


def test_what_the_figures_of_2007_count_and_what_is_an_emergency() -> None:
    counted = {kind.class_code: kind.counted_as for kind in KINDS.values() if kind.counted_as}
    assert counted == {"L01": "case", "L02": "dispute", "L03": "petition"}
    emergencies = [code for code, kind in KINDS.items() if kind.is_emergency]
    assert emergencies == ["E0401", "E0403", "E0409", "L0501", "L0801", "L0802", "L0803"]
    assert {each.clock for code in emergencies for each in KINDS[code].conditions} == {"urgent"}
