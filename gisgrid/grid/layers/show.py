"""What an examination found, as tables for people and as JSON for machines."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gisgrid.grid.layers.examine import Examined
from gisgrid.grid.layers.faults import KINDS, LEVEL_NAMES, Fault, length, only_faults
from gisgrid.grid.layers.proposals import Proposal
from gisgrid.grid.layers.repair import Change
from gisgrid.grid.layers.store import Vanishing
from gisgrid.grid.layers.understood import Understood

MOST_ROWS: Final = 100
_MOST_CODES: Final = 6
_PIPED_WIDTH: Final = 150


def console(for_machine: bool = False) -> Console:
    """Return a console as wide as the terminal, wide enough for tables where the output goes elsewhere.

    For a machine, which reads JSON from the standard output, it writes to the standard error.
    """
    made = Console(stderr=for_machine)
    return made if made.is_terminal else Console(stderr=for_machine, width=_PIPED_WIDTH)


def say(out: Console, zh: str, en: str) -> None:
    """Print one thing in both languages."""
    out.print(Text(f"{zh} / {en}"))


def show(out: Console, examined: Examined) -> None:
    """Print how each layer was understood, what was changed and made, the faults, the notes, and the verdict."""
    if examined.layers:
        out.print(_layers(examined.layers))
    if examined.proposals:
        out.print(_proposals(examined.proposals))
    if examined.changes:
        out.print(_changes(examined.changes))
    show_faults(out, examined.faults)
    faults = len(only_faults(examined.faults))
    zh, en = _counts(examined)
    if faults:
        say(out, f"不合格:{faults} 个问题({zh})。没有存入", f"not acceptable, faults: {faults} ({en}); nothing stored")
    else:
        say(out, f"合格:{zh}", f"acceptable: {en}")


def show_faults(out: Console, found: Iterable[Fault]) -> None:
    """Print faults, then notes, numbered in one sequence (`in_order`)."""
    ordered = _notes_last(found)
    faults = in_order(ordered)
    if faults:
        out.print(_faults("问题 Faults", "red", faults, 1))
    if len(ordered) > len(faults):
        out.print(_faults("提示 Notes", "yellow", ordered[len(faults) :], len(faults) + 1))


def in_order(found: Iterable[Fault]) -> list[Fault]:
    """Return the faults without the notes, in the order of their numbers in table and map, which agree."""
    return only_faults(found)


def _notes_last(found: Iterable[Fault]) -> list[Fault]:
    return sorted(found, key=lambda fault: fault.is_note)


def _counts(examined: Examined) -> tuple[str, str]:
    found = examined.cells["level"].value_counts()
    parts = [(names, int(found.get(level, 0))) for level, names in LEVEL_NAMES.items()]
    return "、".join(f"{zh} {count}" for (zh, _), count in parts), ", ".join(
        f"{en} {count}" for (_, en), count in parts
    )


def _table(title: str, *columns: str, lines: bool = False) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=lines)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _layers(layers: Sequence[Understood]) -> Table:
    columns = ("文件 File", "行 Rows", "格式 Format", "坐标系 CRS", "层级 Level", "字段 Fields")
    table = _table("图层 Layers", *columns, lines=True)
    for layer in layers:
        chosen = {
            "编码 code": layer.fields.code,
            "名称 name": layer.fields.name,
            "层级 level": layer.fields.level,
            "上级 parent": layer.fields.parent,
        }
        fields = "\n".join(f"{word} = {column}" for word, column in chosen.items() if column)
        table.add_row(
            Text("\n".join([layer.file, *layer.warnings])),
            str(layer.rows),
            f"{layer.driver}\n{layer.encoding}",
            Text(layer.crs),
            f"{layer.level}\n{layer.level_from[0]} / {layer.level_from[1]}",
            Text(fields or "-"),
        )
    return table


def _faults(title: str, colour: str, faults: Sequence[Fault], first: int) -> Table:
    table = _table(
        f"[{colour}]{title}[/] ({len(faults)})",
        *("#", "什么 What", "网格 Cells", "哪里 Where\n经度 lon, 纬度 lat", "多大 Size", "怎么办 Remedy"),
        lines=True,
    )
    for number, fault in enumerate(faults[:MOST_ROWS], first):
        zh, en = KINDS[fault.kind]
        what = Text.assemble((f"{zh} {en}{_level(fault)}", f"bold {colour}"), f"\n{fault.zh}\n{fault.en}")
        remedy = Text(f"{fault.remedy_zh}\n{fault.remedy_en}")
        table.add_row(str(number), what, _cells(fault), fault.where, fault.size.replace(" · ", "\n"), remedy)
    if len(faults) > MOST_ROWS:
        more = len(faults) - MOST_ROWS
        table.caption = f"另有 {more} 条,见 --json 或 --map / {more} more: see --json or --map"
    return table


def _level(fault: Fault) -> str:
    return " · {} {}".format(*LEVEL_NAMES[fault.level]) if fault.level else ""


def _cells(fault: Fault) -> Text:
    codes = list(fault.codes[:_MOST_CODES])
    if len(fault.codes) > _MOST_CODES:
        codes.append(f"+{len(fault.codes) - _MOST_CODES}")
    return Text.assemble("\n".join(codes), "\n" if codes and fault.file else "", (fault.file, "dim"))


def _changes(changes: Sequence[Change]) -> Table:
    table = _table(
        "修复 Repair", "层级 Level", "编码 Code", "改动节点 Vertices changed", "最大移动 Largest move", "结果 Result"
    )
    for change in changes:
        result = "未改:超过容差 / kept: beyond the tolerance" if change.is_kept else "已改 / changed"
        move = length(change.largest_move_m) if change.largest_move_m < float("inf") else "-"
        table.add_row(" ".join(LEVEL_NAMES[change.level]), change.code, str(change.vertices), move, result)
    return table


def _proposals(proposals: Sequence[Proposal]) -> Table:
    table = _table("建议编码 Proposed codes", "层级 Level", "编码 Code", "名称 Name", "原编码 Before")
    for made in proposals:
        table.add_row(" ".join(LEVEL_NAMES[made.level]), made.code, Text(made.name), Text(made.before or "-"))
    return table


def show_vanishing(out: Console, gone: Sequence[Vanishing]) -> None:
    """Print the cells that a new set no longer has, and what hangs on them."""
    table = _table("消失的网格 Cells that vanish", "层级 Level", "编码 Code", "名称 Name", "挂接数据 What hangs on it")
    for cell in gone:
        rows = "\n".join(f"{table_name}: {count:,}" for table_name, count in sorted(cell.rows.items())) or "-"
        table.add_row(" ".join(LEVEL_NAMES[cell.level]), Text(cell.code), Text(cell.name), rows)
    out.print(table)


def as_json(examined: Examined) -> str:
    """Return everything but the shapes as JSON; sizes in metres and square metres."""
    found = {
        "is_acceptable": examined.is_acceptable,
        "counts": {level: int((examined.cells["level"] == level).sum()) for level in LEVEL_NAMES},
        "layers": [_layer_row(layer) for layer in examined.layers],
        "faults": [_fault_row(fault) for fault in _notes_last(examined.faults)],
        "changes": [vars(change) for change in examined.changes],
        "proposals": [vars(made) for made in examined.proposals],
    }
    return json.dumps(found, ensure_ascii=False, indent=1)


def _layer_row(layer: Understood) -> dict[str, Any]:
    return {**vars(layer), "fields": vars(layer.fields)}


def _fault_row(fault: Fault) -> dict[str, Any]:
    return {name: value for name, value in vars(fault).items() if name != "geometry"}
