"""What each figure means, in words, with the settings that were used: printed with every report."""

from gisgrid.coverage.reach import ACCURACY_M
from gisgrid.coverage.schemas import Definition
from gisgrid.patrols.judge import NOT_REACHED, Flag, doubts
from gisgrid.settings import Settings


def definitions(settings: Settings) -> list[Definition]:
    """Return the definitions of all figures of a coverage report."""
    texts = {**_counted(settings), **_measured(settings)}
    return [Definition(name=name, zh=zh, en=en) for name, (zh, en) in texts.items()]


def _counted(settings: Settings) -> dict[str, tuple[str, str]]:
    gap = f"{settings.visit_gap_s / 60:g}"
    return {
        "check_ins": ("打卡数:定位在该网格内的打卡次数", "check-ins located in the cell"),
        "patrollers": (
            "人员数:在该网格内打过卡的不同人员;各级分别计算,不能相加",
            "distinct people with a check-in in the cell; counted at each level, they do not add up",
        ),
        "patrols": (
            "巡查次数:在该网格内打过卡的不同巡查;各级分别计算,不能相加",
            "distinct outings with a check-in in the cell; counted at each level, they do not add up",
        ),
        "visits": (
            f"到访次数:同一人员按打卡时间连续停留在一个网格为一次;在另一网格出现一次可靠定位(概率大于 0.95)"
            f"或连续两次定位、或没有心跳的静默超过 {gap} 分钟即结束;两次定位之间只是穿过的网格不计",
            f"unbroken runs of a person's fixes in the cell, in the order of the phone's time; ended by a certain fix "
            f"(p > 0.95) or two fixes in a row elsewhere, or by a silence over {gap} minutes that no heartbeat bridges;"
            f" a cell merely crossed between two fixes gets none",
        ),
        "dwell_s": (
            f"停留时长(秒):各次到访从首次到末次定位之和;相邻定位相隔不超过 {gap} 分钟时,按直线推算越界时刻",
            f"seconds from first to last fix of each visit, added up; where the neighbouring fix is at most {gap} "
            f"minutes away, up to where the straight line between them crosses the border",
        ),
    }


def _measured(settings: Settings) -> dict[str, tuple[str, str]]:
    reach = f"{settings.reach_m:g}"
    band_gap, band_length = f"{settings.band_gap_s / 60:g}", f"{settings.band_length_m:g}"
    return {
        "covered_area_m2": (
            f"到达面积(平方米):定位点周围 {reach} 米的圆,与同一巡查中相隔不超过 {band_gap} 分钟且不超过 {band_length} "
            f"米的相邻定位点连线两侧 {reach} 米的带,合并后落在该网格应巡范围内的面积,定位点在网格外的也计入;"
            f"误差在 ±0.2 个百分点以内",
            f"area of the union, within the cell's patrollable ground and wherever the fix lies, of discs of {reach} m "
            f"round the fixes and of bands as wide along consecutive fixes of a patrol at most {band_gap} minutes and "
            f"{band_length} m apart; exact within ±0.2 percentage points",
        ),
        "patrollable_area_m2": (
            "应巡面积(平方米):网格与应巡范围(居民点、道路、岸线等)相交的面积",
            "area of the cell within the patrollable mask (settlements, roads, shores)",
        ),
        "area_m2": (
            f"网格面积(平方米),在 {settings.metric_crs} 中量算",
            f"area of the cell, measured in {settings.metric_crs}",
        ),
        "coverage_ratio": (
            f"到达率({reach} 米估算):到达面积 ÷ 应巡面积;说明到过附近,不说明检查过;没有应巡面积时为 n/a",
            f"coverage ({reach} m estimate): covered ÷ patrollable area; says reached, not inspected; n/a where there "
            f"is no patrollable ground",
        ),
        "coverage_low": (
            f"到达率下限:每个定位的半径减去其精度(未给出的按 {ACCURACY_M:g} 米)",
            f"lower end of coverage: each radius less the fix's accuracy ({ACCURACY_M:g} m where it tells none)",
        ),
        "coverage_high": (
            f"到达率上限:每个定位的半径加上其精度(未给出的按 {ACCURACY_M:g} 米)",
            f"upper end of coverage: each radius plus the fix's accuracy ({ACCURACY_M:g} m where it tells none)",
        ),
        "outside": ("网格之外:不在任何网格内的打卡", "check-ins located in no cell"),
        "coarse": (
            f"精度过低:精度大于 {reach} 米的打卡,不计入到达面积,其他数字仍计入",
            f"check-ins with an accuracy coarser than {reach} m: left out of the covered area, counted everywhere else",
        ),
        **{str(flag.name).lower(): _left_out(flag, settings) for flag in NOT_REACHED},
        "sealed": (
            f"已封存:打卡满 {settings.fix_days} 天即清除,只留各网格每日的汇总;这些打卡不计入人员数、巡查次数和到达面积",
            f"check-ins of sealed days: fixes go after {settings.fix_days} days and leave daily sums by cell; left out "
            f"of people, outings and the covered area",
        ),
    }


def _left_out(flag: Flag, settings: Settings) -> tuple[str, str]:
    (meaning,) = doubts(flag, settings)
    zh, en = meaning["zh"], meaning["en"]
    return (
        f"{zh}:这样的打卡不计入到达面积,其他数字仍计入",
        f"{en}: left out of the covered area, counted everywhere else",
    )
