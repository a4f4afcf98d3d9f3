import re

import pytest

from gisgrid.incidents.kinds import UnknownKind, kinds, require_kind

CLASSES = {
    "C01": "公用设施", "C02": "道路交通", "C03": "市容环境", "C04": "园林绿化", "C05": "其他设施",
    "E01": "市容环境", "E02": "宣传广告", "E03": "施工管理", "E04": "突发事件", "E05": "街面秩序", "E06": "其他事件",
    "L01": "公共治安", "L02": "矛盾纠纷", "L03": "信访", "L04": "出租屋管理", "L05": "消防安全", "L06": "安全生产",
    "L07": "环境卫生", "L08": "人员救助",
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


def test_a_kind_that_is_none() -> None:
    assert require_kind("L0201").name_zh == "邻里纠纷"
    with pytest.raises(UnknownKind):
        require_kind("l0201")
