from gisgrid.patrols.plans.imports import PLAN


def test_every_field_of_a_checkpoint_may_stand_in_a_file_under_a_chinese_name() -> None:
    assert set(PLAN.columns) == set(PLAN.model.model_fields)
    assert all(PLAN.term(name) for name in PLAN.columns)
