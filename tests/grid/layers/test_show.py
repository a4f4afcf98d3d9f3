from gisgrid.grid.layers.faults import Fault
from gisgrid.grid.layers.show import console, in_order, show_faults


def fault(zh: str, *, is_note: bool = False) -> Fault:
    return Fault("code", zh, "en", "改", "mend", is_note=is_note)


def test_the_map_has_the_faults_of_the_table_and_no_notes() -> None:
    found = [fault("甲", is_note=True), fault("乙"), fault("丙")]
    assert [each.zh for each in in_order(found)] == ["乙", "丙"]
    out = console()
    with out.capture() as heard:
        show_faults(out, found)
    assert "问题 Faults (2)" in heard.get()
    assert "提示 Notes (1)" in heard.get()
    assert heard.get().index("乙") < heard.get().index("丙") < heard.get().index("甲")
