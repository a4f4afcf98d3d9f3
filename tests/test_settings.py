from pathlib import Path

import pytest

from gisgrid.settings import BadSetting, Settings, read_settings


def test_the_database_stands_under_home_unless_named(tmp_path: Path) -> None:
    assert Settings(home=tmp_path).database_url == f"sqlite:///{tmp_path}/data/gisgrid.sqlite"
    assert Settings(home=tmp_path, database_url="sqlite:///x").database_url == "sqlite:///x"


def test_every_knob_is_read_from_the_environment_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_EXPECTED_SUBSTATIONS", "7")
    monkeypatch.setenv("GISGRID_REACH_M", "25")
    settings = read_settings()
    assert settings.expected_counts == {"street": 1, "community": 9, "substation": 7}
    assert settings.reach_m == 25
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "99999"), ("PORT", "web"), ("TIMEZONE", "Mars/Olympus"), ("REACH_M", "-1")]
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GISGRID_{name}", value)
    with pytest.raises(BadSetting, match=f"GISGRID_{name}"):
        read_settings()
