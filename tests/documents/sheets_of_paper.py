"""A case as it may be printed, and what a reader of PDF finds in the file."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from pypdf import PdfReader

from gisgrid.documents.case_sheet import CaseSheet, Picture, Step, Visit

AT = datetime(2026, 11, 1, 0, 5, tzinfo=UTC)


def photo(colour: str = "green") -> bytes:
    """Return a small JPEG."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "JPEG")
    return made.getvalue()


def a_case(**changes: Any) -> CaseSheet:
    """Return the sheet of a case that went round once."""
    made = CaseSheet(
        office="葵涌街道指挥中心",
        number="20261101-440307009001001-0007",
        kind="暴露垃圾",
        description="步道旁有成堆生活垃圾\n疑为夜间倾倒",
        source="巡查员上报",
        reported_at=AT,
        place="海滨步道 3 号入口",
        longitude=114.4157,
        latitude=22.6379,
        cells=("葵涌街道", "坝光社区", "石下工作分站"),
        condition="面积 1 m² 以上",
        limit="4 小时",
        state="已结案",
        due_at=AT + timedelta(hours=4),
        lead_department="城市管理办公室",
        zone=ZoneInfo("Asia/Shanghai"),
        printed_at=AT + timedelta(days=1),
        printed_by="李雷",
        steps=[Step(AT, "张三", "上报"), Step(AT + timedelta(hours=1), "王五", "退回", "仍有残留")],
        visits=[Visit(AT + timedelta(days=2), "钱七", "满意", "处置及时")],
        pictures=[Picture(photo(), "处置前"), Picture(photo("red"), "处置后")],
    )
    return replace(made, **changes)


def reader(pdf: bytes) -> PdfReader:
    """Return what reads a PDF."""
    return PdfReader(io.BytesIO(pdf), strict=True)


def words(pdf: bytes) -> str:
    """Return the text of all pages, as a search finds it: without spaces and breaks."""
    return "".join("".join(page.extract_text().split()) for page in reader(pdf).pages)


def fonts(pdf: bytes) -> dict[str, bool]:
    """Return the fonts of a PDF, each with whether it is embedded."""
    found = {}
    for page in reader(pdf).pages:
        for font in page["/Resources"]["/Font"].values():
            for each in font.get_object()["/DescendantFonts"]:
                descriptor = each.get_object()["/FontDescriptor"].get_object()
                found[str(descriptor["/FontName"])] = any(name.startswith("/FontFile") for name in descriptor)
    return found
