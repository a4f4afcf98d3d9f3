import pytest

from gisgrid.intake.import_commands import BadOption, columns_of, zone_of


def test_columns_by_their_own_options_and_by_field() -> None:
    named = columns_of({"longitude": "lng", "latitude": None}, ["patroller=姓名", "note=a=b"])
    assert named == {"longitude": "lng", "patroller": "姓名", "note": "a=b"}
    assert columns_of({}, None) == {}


@pytest.mark.parametrize("text", ["x", "=x", "x=", "="])
def test_columns_that_are_not_written_as_pairs(text: str) -> None:
    with pytest.raises(BadOption):
        columns_of({}, [text])


def test_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(zone_of("Asia/Shanghai")) == "Asia/Shanghai"
    monkeypatch.setenv("GISGRID_TIMEZONE", "Europe/Berlin")
    assert str(zone_of(None)) == "Europe/Berlin"
    for name in ("Nowhere", "../etc/passwd", "Asia", "a\0b"):
        with pytest.raises(BadOption):
            zone_of(name)
