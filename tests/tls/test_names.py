import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.tls.names import BadName, in_address, read_names, written


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["grid.kuichong.example"], ("grid.kuichong.example",)),
        (["Grid.Example ", "grid.example"], ("grid.example",)),
        (["server", "192.168.1.10"], ("server", "192.168.1.10")),
        (["[fd00::1]", "FD00:0::1"], ("fd00::1",)),
        (
            ["xn--fiqs8s.example", "a" * 63 + ".cn", "3com.example"],
            ("xn--fiqs8s.example", "a" * 63 + ".cn", "3com.example"),
        ),
        ([], ()),
    ],
)
def test_names_as_an_address_bar_has_them(given: list[str], names: tuple[str, ...]) -> None:
    assert written(read_names(given)) == names


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "https://grid.example",
            "grid.example:8000",
            "*.grid.example",
            "网格.example",
            "a_b",
            "-a.cn",
            "a-.cn",
        ),
        *("a..b", "a.", ".a", "a" * 64, ".".join(["a" * 60] * 5), "1.2.3", "a.1", "192.168.1.256", "0.0.0.0", "::"),
        *("224.0.0.1", "fe80::1%eth0", "192.168.1.0/24", "a b", "a\nb", "\0"),
    ],
)
def test_what_is_no_name_of_a_server_is_told_with_an_example(name: str) -> None:
    with pytest.raises(BadName, match=r"grid\.example\.cn") as refused:
        read_names(["grid.example", name])
    assert "一" <= refused.value.zh[-1] <= "鿿"


@given(st.text())
def test_whatever_is_given_is_a_name_or_told(text: str) -> None:
    try:
        (name,) = written(read_names([text]))
    except BadName:
        return
    assert written(read_names([name])) == (name,)


def test_an_address_in_a_url() -> None:
    assert [in_address(name) for name in ("a.cn", "1.2.3.4", "fd00::1")] == ["a.cn", "1.2.3.4", "[fd00::1]"]
