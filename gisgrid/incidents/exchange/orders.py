"""An order as a row of a sheet says it, and by what names sheets know its columns."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from gisgrid.geometry import WGS84
from gisgrid.incidents.sources import SOURCES
from gisgrid.intake.imports import Plan
from gisgrid.wire import Coordinate, CrsName, Moment, Name, Prose, Sent
from gisgrid.words import told

OrderSource = Literal["hotline", "superior"]
"""By which of the ways that send sheets an order came."""
CALLED: Final[dict[str, OrderSource]] = {
    **{words.casefold(): "hotline" for words in ("hotline", "12345", "12345热线", *SOURCES["hotline"])},
    **{words.casefold(): "superior" for words in ("superior", "上级", *SOURCES["superior"])},
}


def _source(value: Any) -> OrderSource:
    found = CALLED.get(str(value).strip().casefold())
    if found is None:
        raise told("应为 12345 热线 或 上级交办", "must be hotline or superior")
    return found


def _line(value: str) -> str:
    return " ".join(value.split())


class OrderCreate(Sent):
    """An order: what is the matter, and where: a position, or the code of a cell in whose midst it is then put."""

    outside_number: Name
    kind: Name
    reported_at: Moment
    longitude: Coordinate | None = None
    latitude: Coordinate | None = None
    crs: CrsName = WGS84
    cell: Name | None = None
    description: Prose = ""
    contact: Annotated[str, StringConstraints(max_length=200), AfterValidator(_line)] = ""
    source: Annotated[OrderSource, BeforeValidator(_source)] | None = Field(default=None)
    complained_cell: Name | None = None
    complained_department: Name | None = None


PLAN: Final = Plan(
    model=OrderCreate,
    columns={
        "outside_number": ("outside_number", "工单编号", "工单号", "编号", "交办编号", "外部编号"),
        "kind": ("kind", "code", "类别", "事件类别", "类别编码", "类别名称"),
        "reported_at": ("reported_at", "time", "上报时间", "受理时间", "交办时间", "时间"),
        "longitude": ("longitude", "lon", "lng", "经度"),
        "latitude": ("latitude", "lat", "纬度"),
        "crs": ("crs", "坐标系"),
        "cell": ("cell", "网格编码", "网格"),
        "description": ("description", "描述", "内容", "情况", "诉求内容", "事件描述"),
        "contact": ("contact", "联系方式", "联系电话", "联系人"),
        "source": ("source", "来源"),
        "complained_cell": ("complained_cell", "被投诉网格", "被投诉网格编码"),
        "complained_department": ("complained_department", "被投诉部门", "被投诉部门编码"),
    },
    moment="reported_at",
    required=("outside_number", "kind", "reported_at"),
    for_all="",
)
"""Other columns, such as the line's own limit (办理时限), are left alone: the limit hangs on the filing condition."""
