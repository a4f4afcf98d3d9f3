"""Where somebody may do what: roles in cells become rows of cells."""

from datetime import date

import geopandas
import pytest
from sqlalchemy import Engine, select

from gisgrid.database import session_scope
from gisgrid.grid.layers.store import store_cells
from gisgrid.grid.tables import Cell
from gisgrid.sight import Sight
from gisgrid.staff.roles import CONFIDES, ROLES, Permission
from gisgrid.staff.scope import Role, sight, sight_of_cell
from tests.grid.builders import METRIC, nested_squares
from tests.laid import COMMUNITY, STREET, SUBSTATION, lay

BELOW_COMMUNITY = {SUBSTATION, "440307009002002"}
COMMUNITIES = {"440307009001", COMMUNITY, "440307009003"}
SUBSTATIONS = {f"{community}{number:03}" for community in COMMUNITIES for number in (1, 2)}
ALL = {STREET} | COMMUNITIES | SUBSTATIONS


def codes(engine: Engine, ids: frozenset[int]) -> set[str]:
    with session_scope(engine) as session:
        return set(session.scalars(select(Cell.code).where(Cell.id.in_(ids))))


def seen(engine: Engine, *roles: Role, permission: Permission = "coverage") -> Sight:
    with session_scope(engine) as session:
        return sight(session, roles, permission, 7)


@pytest.mark.parametrize(
    ("cells", "streets", "communities", "substations", "beneath", "is_outside"),
    [
        ([], set(), set(), set(), set(), False),
        ([SUBSTATION], set(), set(), {SUBSTATION}, set(), False),
        ([COMMUNITY], set(), {COMMUNITY}, set(), BELOW_COMMUNITY, False),
        ([STREET], {STREET}, set(), set(), COMMUNITIES | SUBSTATIONS, True),
        ([None], {STREET}, set(), set(), ALL, True),  # everywhere is above every street
        ([COMMUNITY, SUBSTATION], set(), {COMMUNITY}, {SUBSTATION}, BELOW_COMMUNITY - {SUBSTATION}, False),
        (["440307009999"], set(), set(), set(), set(), False),  # a cell that is gone
        ([""], set(), set(), set(), set(), False),
    ],
)
def test_a_role_answers_for_its_cell_and_sees_what_is_beneath(
    engine: Engine,
    cells: list[str | None],
    streets: set[str],
    communities: set[str],
    substations: set[str],
    beneath: set[str],
    is_outside: bool,
) -> None:
    lay(engine)
    found = seen(engine, *(Role("cadre", cell) for cell in cells))
    assert codes(engine, found.answers.streets) == streets
    assert codes(engine, found.answers.communities) == communities
    assert codes(engine, found.answers.substations) == substations
    assert codes(engine, found.beneath) == beneath
    assert found.codes == streets | communities | substations | beneath
    assert found.answers.outside is is_outside
    assert (found.everything, found.person, found.departments) == (False, 7, frozenset())
    assert found.confides == seen(engine).answers


def test_nobody_is_let_in_by_a_code_that_only_begins_alike(engine: Engine) -> None:
    """Offices that number cells their own way have a 1.3 beside a 1.30."""
    cells = nested_squares(communities=2)
    named = {"440307009": "1", "440307009001": "1.3", "440307009002": "1.30"}
    named |= {"440307009001001": "1.3.1", "440307009001002": "1.3.10"}
    named |= {"440307009002001": "1.30.1", "440307009002002": "1.30.10"}
    renamed = cells.assign(code=cells["code"].map(named), parent_code=cells["parent_code"].map(named))
    renamed = geopandas.GeoDataFrame(renamed.astype({"parent_code": object}), geometry="geometry", crs=cells.crs)
    renamed["parent_code"] = renamed["parent_code"].where(renamed["parent_code"].notna(), None)
    with session_scope(engine, write=True) as session:
        store_cells(session, renamed, name="t", source="t", first_day=date(2026, 1, 1), metric_crs=METRIC)
    assert seen(engine, Role("cadre", "1.3")).codes == {"1.3", "1.3.1", "1.3.10"}
    assert seen(engine, Role("cadre", "1.3.1")).codes == {"1.3.1"}


def test_a_code_stands_for_its_cell_in_every_layer_set(engine: Engine) -> None:
    for day in (date(2025, 1, 1), date(2026, 1, 1)):
        lay(engine, day)
    found = seen(engine, Role("cadre", COMMUNITY))
    with session_scope(engine) as session:
        rows = session.scalars(select(Cell.id).where(Cell.code == COMMUNITY)).all()
    assert (len(rows), found.answers.communities) == (2, frozenset(rows))
    assert len(found.beneath) == 4
    assert found.codes == {COMMUNITY} | BELOW_COMMUNITY


@pytest.mark.parametrize("database_url", ["spatialite"], indirect=True)
def test_only_roles_that_have_the_permission_count(engine: Engine) -> None:
    lay(engine)
    roles = [Role(role, COMMUNITY) for role in ROLES]
    for permission in ("grid", "coverage", "tracks", "incidents", "report", "check_in", "bring_in", "manage", "audit"):
        for role in roles:
            found = seen(engine, role, permission=permission)
            may = permission in ROLES[role.name]
            assert bool(found.codes) is (may and role.name != CONFIDES), (permission, role)
            assert bool(found.confides.communities) is (may and role.name == CONFIDES), (permission, role)


def test_confidential_matters_are_a_sight_of_their_own(engine: Engine) -> None:
    lay(engine)
    found = seen(engine, Role(CONFIDES, COMMUNITY), Role("cadre", SUBSTATION), permission="incidents")
    assert codes(engine, found.confides.communities) == {COMMUNITY}
    assert codes(engine, found.answers.substations) == {SUBSTATION}
    assert found.codes == {SUBSTATION}
    assert seen(engine, Role(CONFIDES, None), permission="incidents").confides.outside


def test_a_handler_of_confidential_matters_is_above_what_lies_below(engine: Engine) -> None:
    lay(engine)
    found = seen(engine, Role(CONFIDES, STREET), permission="incidents")
    assert (codes(engine, found.beneath), found.codes) == (COMMUNITIES | SUBSTATIONS, frozenset())
    both = seen(engine, Role(CONFIDES, STREET), Role("liaison", COMMUNITY, 5), permission="incidents")
    assert codes(engine, both.beneath) == (COMMUNITIES | SUBSTATIONS) - {COMMUNITY}


def test_departments_are_those_one_acts_for(engine: Engine) -> None:
    lay(engine)
    found = seen(engine, Role("department_staff", None, 3), Role("liaison", STREET, 5), Role("cadre", None))
    assert found.departments == {3, 5}
    incidents = seen(engine, Role("department_staff", None, 3), Role("liaison", STREET, 5), permission="incidents")
    assert incidents.departments == {3, 5}  # a complaint stays from a department by whatever role one is of it


@pytest.mark.parametrize(
    ("cells", "beneath"),
    [
        ((STREET, COMMUNITY), (COMMUNITIES | SUBSTATIONS) - {COMMUNITY}),
        ((STREET, SUBSTATION), (COMMUNITIES | SUBSTATIONS) - {COMMUNITY, SUBSTATION}),
        ((None, COMMUNITY), ALL - {STREET, COMMUNITY}),
        ((None, None), ALL),
    ],
)
def test_no_unit_to_which_one_belongs_is_beneath(
    engine: Engine, cells: tuple[str | None, ...], beneath: set[str]
) -> None:
    lay(engine)
    found = seen(engine, *(Role("cadre", cell) for cell in cells))
    assert codes(engine, found.beneath) == beneath


@pytest.mark.parametrize(("code", "shown"), [(COMMUNITY, {COMMUNITY} | BELOW_COMMUNITY), (None, ALL), ("gone", set())])
def test_a_screen_shows_its_cell_or_all(engine: Engine, code: str | None, shown: set[str]) -> None:
    lay(engine)
    with session_scope(engine) as session:
        found = sight_of_cell(session, code)
    assert (found.codes, found.person) == (shown, None)
