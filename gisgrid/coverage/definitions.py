"""What each figure means, in words, with the settings that were used: printed with every report."""

from gisgrid.coverage.ground.reach import ACCURACY_M
from gisgrid.coverage.ground.squares import SIDE_M
from gisgrid.coverage.measure import BAND_S
from gisgrid.coverage.schemas import Definition
from gisgrid.coverage.work.definitions import definitions_of_work
from gisgrid.patrols.judge import NOT_REACHED, Flag, doubts
from gisgrid.settings import Settings


def definitions(settings: Settings) -> list[Definition]:
    """Return the definitions of all figures of a coverage report."""
    texts = {**_counted(settings), **_measured(settings), **_waited(settings), **definitions_of_work(settings)}
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
            f"到访次数:同一人员当日(零点处断开)按打卡时间连续停留在一个网格为一次;"
            f"在另一网格出现一次可靠定位(概率大于 0.95)或连续两次定位、或没有心跳的静默超过 {gap} 分钟即结束;"
            f"两次定位之间只是穿过的网格不计",
            f"unbroken runs of a person's fixes in the cell on one day, in the order of the phone's time; ended by a "
            f"certain fix (p > 0.95) or two fixes in a row elsewhere, or by a silence over {gap} minutes that no "
            f"heartbeat bridges; a cell merely crossed between two fixes gets none",
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
            f"到达面积(平方米):定位点周围 {reach} 米的圆,与同一天同一巡查中相隔不超过 {band_gap} 分钟"
            f"且不超过 {band_length} 米的相邻定位点连线两侧 {reach} 米的带,合并后落在该网格"
            f"应巡范围内的面积,定位点在网格外的也计入;误差在 ±0.2 个百分点以内",
            f"area of the union, within the cell's patrollable ground and wherever the fix lies, of discs of {reach} m "
            f"round the fixes and of bands as wide along consecutive fixes of a patrol on one day, at most {band_gap} "
            f"minutes and {band_length} m apart; exact within ±0.2 percentage points",
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


def _waited(settings: Settings) -> dict[str, tuple[str, str]]:
    reach, (short, long) = f"{settings.reach_m:g}", (seconds // 60 for seconds in BAND_S)
    return {
        "certain_visits": (
            "确定到访:至少有一次定位在该网格内的概率大于 0.95 的到访;其余为可能到访",
            "visits of which some fix lies in the cell with p > 0.95; the others are possible ones",
        ),
        "quarantined": (
            "待核定位:因可疑而暂不计入的定位,核实放行后计入;不在其他任何数字之内",
            "fixes held back as doubtful until somebody releases them: they are in no other figure",
        ),
        "delivered_late": (
            "迟到定位:在报告首次发出之后、且在当日结束之后才送达的打卡;报告因此修订",
            "check-ins that came after their day had ended and the report was first handed out: it is revised",
        ),
        "effort_m2": (
            f"巡查投入(平方米):每次到访自身的 {reach} 米圆与带合并后在该网格应巡范围内的面积之和;"
            "重复走过的重复计算,与定位频度无关",
            f"area of each visit's own union of discs and bands of {reach} m within the cell's patrollable ground, "
            "added up: what is walked again counts again, however often the phone measured",
        ),
        "redundancy": (
            "重复度:巡查投入 ÷ 到达面积;没有到达面积时为 n/a",
            "effort ÷ covered area; n/a where nothing was covered",
        ),
        "seen_squares": (
            f"到达单元:当期有打卡(计入到达面积的)的 {SIDE_M} 米 × {SIDE_M} 米应巡单元网格数",
            f"patrollable unit squares of {SIDE_M} m × {SIDE_M} m with a check-in that counts for areas",
        ),
        "patrollable_squares": (
            f"应巡单元:中心在该网格和应巡范围内的 {SIDE_M} 米单元网格数,"
            f"以 {settings.metric_crs} 的 {SIDE_M} 米整数倍为界",
            f"unit squares whose centre lies in the cell and the mask, cut at multiples of {SIDE_M} m in "
            f"{settings.metric_crs}",
        ),
        "square_ratio": (
            "单元到达率:到达单元 ÷ 应巡单元;没有应巡单元时为 n/a",
            "seen ÷ patrollable squares; n/a where there are none",
        ),
        "idleness_s": (
            "空闲时长(秒):Σ gₖ² ÷ (2T),gₖ 为相邻两次到访(不论何人)之间及首尾的间隔,"
            "T 为时段(未结束的算到现在);即随机时刻平均已有多久无人;从未到访为 n/a",
            "Σ gₖ² ÷ (2T) over the gaps gₖ between visits by anybody, first and last ones included, in the period T "
            "(up to now): how long nobody has been there at a random moment, on average; n/a where nobody was",
        ),
        "worst_idle_s": ("最长空闲(秒):最长的间隔", "the longest of these gaps"),
        "seen_last_at": ("最近到访:时段内末次到访的结束时间", "end of the last visit in the period"),
        "share_in_band": (
            f"适时到访占比(仅供分析):停留 {short}–{long} 分钟的到访 ÷ 到访次数(Koper 1995);没有到访时为 n/a",
            f"for analysts: visits of {short}–{long} minutes ÷ visits (Koper 1995); n/a where there are none",
        ),
    }


def _left_out(flag: Flag, settings: Settings) -> tuple[str, str]:
    (meaning,) = doubts(flag, settings)
    zh, en = meaning["zh"], meaning["en"]
    return (
        f"{zh}:这样的打卡不计入到达面积,其他数字仍计入",
        f"{en}: left out of the covered area, counted everywhere else",
    )
