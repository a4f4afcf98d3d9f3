import re

import pytest
from typer.testing import CliRunner

from gisgrid.incidents import kinds as module
from gisgrid.incidents.commands import commands
from gisgrid.incidents.kinds import Kind, UnknownKind, kind_called, kinds, require_kind

CLASSES = {
    "C01": "公用设施", "C02": "道路交通", "C03": "市容环境", "C04": "园林绿化", "C05": "其他设施",
    "E01": "市容环境", "E02": "宣传广告", "E03": "施工管理", "E04": "突发事件", "E05": "街面秩序", "E06": "其他事件",
    "L01": "公共治安", "L02": "矛盾纠纷", "L03": "信访", "L04": "出租屋管理", "L05": "消防安全", "L06": "安全生产",
    "L07": "环境卫生", "L08": "人员救助", "L09": "未成年人保护", "L10": "家庭暴力", "L11": "举报线索", "L12": "投诉",
}  # fmt: skip


def test_codes_are_a_block_a_class_and_a_subclass() -> None:
    assert all(re.fullmatch(r"[CEL]\d{4}", code) for code in kinds())
    assert list(kinds()) == sorted(kinds())
    assert all(kind.code == code for code, kind in kinds().items())


def test_every_class_is_there_and_has_one_name() -> None:
    assert {kind.class_code: kind.class_zh for kind in kinds().values()} == CLASSES
    named = {(kind.class_code, kind.class_zh, kind.class_en) for kind in kinds().values()}
    assert len(named) == len(CLASSES)


def test_names_are_there_in_both_languages_and_differ_within_a_class() -> None:
    assert all(kind.name_zh.strip() and kind.name_en.strip() and kind.name_en.isascii() for kind in kinds().values())
    assert len({(kind.class_code, kind.name_zh) for kind in kinds().values()}) == len(kinds())


def test_petitions_distress_minors_violence_and_informants_are_for_handlers_alone() -> None:
    kept = {kind.class_code: kind.confidentiality for kind in kinds().values() if kind.confidentiality}
    secret = dict.fromkeys(("L03", "L08", "L09", "L10", "L11"), "handlers")
    assert kept == {**secret, "L12": "impartial"}
    for kind in kinds().values():
        assert kind.confidentiality == kept.get(kind.class_code, "")
        assert (kind.is_confidential, kind.is_complaint) == (kind.class_code in secret, kind.class_code == "L12")


def test_a_kind_that_is_none() -> None:
    assert require_kind("L0201").name_zh == "邻里纠纷"
    with pytest.raises(UnknownKind):
        require_kind("l0201")


@pytest.mark.parametrize("text", ["E0102", "e0102", "暴露垃圾", " 暴露垃圾 ", "exposed rubbish", "Exposed Rubbish"])
def test_a_kind_is_called_by_its_code_or_a_name(text: str) -> None:
    assert kind_called(text).code == "E0102"


def test_every_kind_is_called_by_both_its_names() -> None:
    assert all(
        kind_called(kind.name_zh) == kind_called(kind.name_en) == kind_called(code) for code, kind in kinds().items()
    )


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
        kind_called(text)
    assert error.value.zh.startswith(told)


def test_a_name_of_several_kinds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    doubled = {code: Kind(code, "类", "class", "其他", f"other {code}") for code in ("X0101", "X0201")}
    monkeypatch.setattr(module, "kinds", lambda: doubled)
    module._called.cache_clear()
    try:
        with pytest.raises(UnknownKind, match="X0101 其他 other X0101, X0201"):
            kind_called("其他")
        assert kind_called("other x0201").code == "X0201"
    finally:
        module._called.cache_clear()


def test_the_table_is_printed() -> None:
    printed = CliRunner().invoke(commands, ["kinds"])
    assert printed.exit_code == 0
    assert [line.split("\t")[0] for line in printed.stdout.splitlines()] == list(kinds())
    assert "E0102\t市容环境 city appearance\t暴露垃圾 exposed rubbish\n" in printed.stdout
    kept = {line.split("\t")[0]: line.split("\t")[3:] for line in printed.stdout.splitlines()}
    assert (kept["E0102"], kept["L0801"]) == ([], ["保密,仅经办人可见 confidential, for its handlers alone"])
    assert kept["L1201"] == ["回避被投诉单位 kept from the unit complained of"]
