"""A dispute between neighbours: a mediator hears of it, is sent to settle it, and somebody asks afterwards."""

from gisgrid.incidents.visits.follow_up import WAYS, Visit, follow_up
from gisgrid.sample.stories.papers import document
from gisgrid.sample.stories.stage import Stage, Told

KIND = "L0201"


def dispute(stage: Stage) -> Told:
    """Tell the story; return its incident. Raises InRealUse, NoActors."""
    mediator, desk = stage.caller("mediator"), stage.caller("station_staff")
    its = stage.report(
        mediator,
        KIND,
        stage.place(desk),
        "两户因楼道堆物争吵",
        "two households quarrel over things in the stairway",
        "staff",
    )
    stage.move(desk, its, "file", condition="2")
    stage.move(desk, its, "dispatch", "请到场调解", "please go and mediate", person=mediator.name)
    stage.move(mediator, its, "accept")
    stage.show(mediator, its, document("Agreement"), "调解协议书", "the agreement")
    stage.move(mediator, its, "finish", "双方同意当日清空楼道", "both agree to clear the stairway today")
    checker = stage.caller("supervision")
    stage.move(checker, its, "pass", "楼道已清空", "the stairway is clear")
    stage.move(checker, its, "evaluate", "", "score 5", score=5)
    _ask_afterwards(stage, its)
    return its


def _ask_afterwards(stage: Stage, its: Told) -> None:
    desk = stage.caller("station_staff")
    visit = Visit("phone", 5, "两家都满意,楼道未再堆物")
    with stage.acting(desk) as session:
        follow_up(session, desk, its.id, visit)
    zh, en = WAYS[visit.way]
    stage.tell(
        desk.name,
        f"{zh}:满意度 {visit.satisfaction}/5,{visit.words}",
        f"follow-up visit {en}: satisfaction {visit.satisfaction}/5, both households are content",
    )
