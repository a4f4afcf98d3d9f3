"""What the actions of the audit are called for people, by their dotted words; an action of no entry keeps its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gisgrid.pages.called import Both, Called

ACTIONS: Final[dict[str, Both]] = {
    "sign_in": Both("登录", "signed in"),
    "sign_in.failed": Both("登录失败", "failed to sign in"),
    "sign_out": Both("退出登录", "signed out"),
    "sign_out.everywhere": Both("退出全部登录", "signed out everywhere"),
    "password.set": Both("设置口令", "set a password"),
    "pin.set": Both("设置 PIN 码", "set a PIN"),
    "person.added": Both("添加人员", "added a person"),
    "person.renamed": Both("修改人员名称", "renamed a person"),
    "person.phone": Both("修改电话", "changed a phone number"),
    "person.skills": Both("修改技能", "changed skills"),
    "person.activated": Both("启用人员", "switched a person on"),
    "person.deactivated": Both("停用人员", "switched a person off"),
    "person.linked": Both("关联统一身份", "linked with the identity provider"),
    "role.granted": Both("授予角色", "granted a role"),
    "role.withdrawn": Both("撤销角色", "withdrew a role"),
    "role.renamed": Both("修改角色名称", "renamed a role"),
    "department.added": Both("添加部门", "added a department"),
    "department.renamed": Both("修改部门名称", "renamed a department"),
    "token.issued": Both("发放令牌", "issued a token"),
    "token.revoked": Both("吊销令牌", "revoked a token"),
    "shift.on": Both("签到", "signed on"),
    "shift.off": Both("签退", "signed off"),
    "consent.given": Both("同意", "gave consent"),
    "consent.withdrawn": Both("撤回同意", "withdrew consent"),
    "track.read": Both("查看轨迹", "looked at a track"),
    "fix.noted": Both("附注定位", "annotated a fix"),
    "fix.released": Both("放行定位", "released a fix"),
    "fix.withdrawn": Both("撤回放行", "took a release back"),
    "objection.made": Both("提出异议", "contested a verdict"),
    "objection.answered": Both("答复异议", "answered an objection"),
    "patroller.adopted": Both("认领巡查记录", "adopted patrols"),
    "plan.made": Both("制定计划", "made a plan"),
    "plan.changed": Both("修改计划", "changed a plan"),
    "plan.ended": Both("结束计划", "ended a plan"),
    "gap.closed": Both("说明漏巡原因", "closed a gap for a reason"),
    "gap.went_up": Both("漏巡自动上报上级", "let a gap go up a level"),
    "suggestion.made": Both("建议下一轮路线", "suggested a next round"),
    "layer.added": Both("载入图层", "loaded a layer"),
    "layer.removed": Both("删除图层", "removed a layer"),
    "checkpoint.made": Both("设置打卡点", "made a checkpoint"),
    "checkpoint.changed": Both("修改打卡点", "changed a checkpoint"),
    "checkpoint.brought": Both("导入打卡点", "imported a checkpoint"),
    "checkpoint.retired": Both("撤销打卡点", "retired a checkpoint"),
    "report.issued": Both("出具巡查报告", "handed out a report"),
    "publication.made": Both("发布", "published something to staff"),
    "publication.withdrawn": Both("撤回发布", "withdrew a publication"),
    "publication.confirmed": Both("确认发布", "confirmed a publication"),
    "endpoint.added": Both("添加通知接收端", "added an endpoint of notices"),
    "endpoint.retired": Both("停用通知接收端", "retired an endpoint of notices"),
    "alarm.raised": Both("紧急呼救", "called for help"),
    "alarm.acknowledged": Both("确认呼救", "acknowledged an alarm"),
    "incident.reported": Both("上报事件", "reported an incident"),
    "incident.moved": Both("办理事件", "moved an incident"),
    "incident.printed": Both("打印案卷单", "printed a case sheet"),
    "incident.exhibit_added": Both("添加照片或文书", "added a photo or document"),
    "incident.handler_named": Both("指定经办人", "named a handler"),
    "incident.handler_removed": Both("撤销经办人", "removed a handler"),
    "search.saved": Both("保存查询", "saved a search"),
    "search.deleted": Both("删除查询", "deleted a saved search"),
    "orders.brought": Both("导入工单", "brought in orders"),
    "incident.followed_up": Both("案件回访", "followed up an incident"),
    "records.brought": Both("导入以往的案件", "brought records of the past"),
    "survey.entered": Both("录入满意度调查", "entered a survey"),
    "emergency.started": Both("启动应急预案", "started a contingency plan"),
    "emergency.alerted": Both("应急通知", "alerted to an emergency"),
    "emergency.acknowledged": Both("确认应急通知", "acknowledged an alert"),
    "emergency.task_done": Both("完成应急事项", "ticked off a task"),
    "emergency.remarked": Both("应急记录", "added to an emergency"),
    "emergency.ended": Both("结束应急", "ended an emergency"),
    "plans.brought": Both("导入应急预案", "brought in contingency plans"),
    "order.issued": Both("下达督办", "issued an order"),
    "order.replied": Both("回复督办", "replied to an order"),
    "order.closed": Both("督办销号", "closed an order"),
    "calendar.brought": Both("导入节假日表", "brought a year's holidays"),
    "kinds.brought": Both("导入事件类别", "brought in kinds of incident"),
    "grid.replaced": Both("更换网格", "replaced the grid"),
    "hold.made": Both("留证", "held a track as evidence"),
    "hold.released": Both("解除留证", "released evidence"),
    "backup.taken": Both("备份", "took a backup"),
    "backup.restored": Both("恢复备份", "restored a backup"),
    "export.person": Both("导出个人资料", "exported a person's data"),
    "export.tracks": Both("导出轨迹", "exported tracks"),
    "export.incidents": Both("导出事件", "exported incidents"),
    "export.map": Both("下载地图", "took a map along"),
    "person.erased": Both("删除个人资料", "erased a person"),
    "retention": Both("按保存期限清除", "purged what was due"),
    "retention.sealed": Both("封存一天", "sealed a day"),
    "raw_day.kept": Both("写出一天的原始数据文件", "wrote a file of a raw day"),
    "raw_day.dropped": Both("删除一天的原始数据文件", "deleted a file of a raw day"),
    "audit.purged": Both("清除过期审计记录", "purged old entries of the audit"),
}


def action_called(action: str) -> Both:
    """Name an action by all its words, else by the first of them."""
    itself = Both(action, action)
    return ACTIONS.get(action) or ACTIONS.get(action.partition(".")[0], itself)


LABELS: Final = {
    "by": Both("方式", "by"),
    "address": Both("地址", "from"),
    "kind": Both("种类", "kind"),
    "role": Both("角色", "role"),
    "cell": Both("网格", "cell"),
    "department": Both("部门", "department"),
    "person": Both("人员", "person"),
    "why": Both("原因", "why"),
    "purpose": Both("目的", "purpose"),
    "tokens": Both("令牌", "tokens"),
    "device": Both("手机", "phone"),
    "shift": Both("班次", "shift"),
    "started_at": Both("开始", "from"),
    "ended_at": Both("结束", "until"),
    "channel": Both("渠道", "channel"),
    "template": Both("模板", "template"),
    "topics": Both("通知种类", "topics"),
    "covers": Both("内容", "of"),
    "version": Both("版本", "version"),
    "objection": Both("异议", "objection"),
    "fix": Both("定位", "fix"),
    "alarm": Both("呼救", "alarm"),
    "fixes": Both("定位数", "fixes"),
    "patroller": Both("巡查员", "patroller"),
    "incident": Both("事件", "incident"),
    "search": Both("查询", "search"),
    "hold": Both("留证", "hold"),
    "emergency": Both("应急", "emergency"),
    "task": Both("事项", "task"),
    "order": Both("督办", "order"),
    "until": Both("至", "until"),
    "day": Both("日期", "day"),
    "year": Both("年份", "year"),
    "days": Both("天数", "days"),
    "rows": Both("条数", "rows"),
    "layer": Both("图层", "layer"),
    "refused": Both("未收", "not taken"),
    "source": Both("来源", "source"),
    "first_day": Both("首日", "first day"),
    "kinds": Both("类别数", "kinds"),
    "occasion": Both("场合", "occasion"),
    "form": Both("形式", "form"),
    "period": Both("时段", "period"),
}
VALUES: Final = {
    "password": Both("口令", "password"),
    "pin": Both("PIN 码", "PIN"),
    "link": Both("一次性链接", "one-time link"),
    "oidc": Both("统一身份认证", "identity provider"),
    "demonstration": Both("演示切换", "demonstration"),
    "session": Both("登录", "session"),
    "device": Both("手机", "phone"),
    "board": Both("大屏", "board"),
    "api": Both("密钥", "key"),
    "orders": Both("工单", "orders"),
    "incidents": Both("事件", "incidents"),
}


NUMBERED: Final = {
    **{"person": "person", "device": "device"},
    **dict.fromkeys(("department", "shift", "objection", "fix", "alarm", "emergency", "order"), ""),
}
"""Details that are numbers of rows, and the kind under which a name may be known."""

Names = Mapping[tuple[str, int], str]


def told_of(entry: dict[str, Any], called: Called, names: Names, zone: ZoneInfo) -> dict[str, Any]:
    """Return an entry's action and detail in words. A detail may hold anything: somebody may have spoilt it."""
    detail: dict[str, Any] = entry["detail"]
    is_placed = "role" in detail or detail.get("kind") == "board"
    shown = {name: value for name, value in detail.items() if value is not None or (name == "cell" and is_placed)}
    told = [
        (LABELS.get(name, Both(name, name)), _value(name, value, called, names, zone)) for name, value in shown.items()
    ]
    return {"words": action_called(entry["action"]), "told": told}


def _value(name: str, value: Any, called: Called, names: Names, zone: ZoneInfo) -> Both:
    if name == "cell":
        return called.cell(None if value is None else str(value))
    plain = _local(value, zone) if name.endswith("_at") else str(value)
    if name in NUMBERED and isinstance(value, int):
        plain = names.get((NUMBERED[name], value), f"#{value}")
    itself = Both(plain, plain)
    if name == "role":
        return called.roles.get(plain, itself)
    if name == "department" and isinstance(value, int):
        return called.departments.get(value, itself)
    return VALUES.get(plain, itself) if name in ("by", "kind") else itself


def _local(value: Any, zone: ZoneInfo) -> str:
    """Write a time of a detail as a clock here shows it; what is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(str(value)).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return str(value)
