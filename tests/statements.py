"""Statements that the first wall has to let through, and those that it has to refuse."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    case,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from gisgrid.database import Base
from gisgrid.incidents.tables import Incident
from gisgrid.patrols.tables import Fix, Patroller, Shift
from gisgrid.sight import Cells, Sight, seen_by
from tests.rows import DAWN
from tests.sights import TABLES

LITTLE = Sight(answers=Cells(substations=frozenset({3})), person=1)
INCIDENTS, FIXES = TABLES["incidents"], TABLES["fixes"]
WALKERS, PATROLS = Base.metadata.tables["patrollers"], Base.metadata.tables["patrols"]
SEEN, SEEN_FIX = seen_by(LITTLE, INCIDENTS), seen_by(LITTLE, FIXES)
A_SHIFT = {"patroller_id": 1, "started_at": DAWN, "ended_at": DAWN, "signed_on_at": DAWN}
OTHER = FIXES.alias("other")
WALKED: ColumnElement[bool] = FIXES.c.patroller_id == WALKERS.c.id

LET_THROUGH: dict[str, Executable] = {
    "core": select(INCIDENTS.c.id).where(SEEN),
    "orm": select(Incident).where(SEEN),
    "a column": select(Incident.kind).where(SEEN, Incident.kind == "x").where(Incident.id > 1),
    "and": select(INCIDENTS.c.id).where(and_(and_(SEEN, INCIDENTS.c.id > 1), INCIDENTS.c.id > 2)),
    "join": select(WALKERS.c.ref).join(FIXES, WALKED).where(SEEN_FIX),
    "two tables": select(INCIDENTS.c.id).join(FIXES, true()).where(SEEN, SEEN_FIX),
    "count": select(func.count()).select_from(select(INCIDENTS.c.id).where(SEEN).subquery()),
    "cte": select(select(FIXES.c.id).where(SEEN_FIX).cte().c.id),
    "in": select(WALKERS.c.id).where(WALKERS.c.id.in_(select(FIXES.c.patroller_id).where(SEEN_FIX))),
    "exists": select(WALKERS.c.id).where(exists().where(WALKED, SEEN_FIX)),
    "union": union_all(select(INCIDENTS.c.id).where(SEEN), select(FIXES.c.id).where(SEEN_FIX)),
    "rule of a rule": select(TABLES["objections"].c.id).where(seen_by(LITTLE, TABLES["objections"])),
    "update": update(INCIDENTS).where(SEEN, INCIDENTS.c.id == 1).values(kind="x"),
    "delete": delete(Fix).where(SEEN_FIX, Fix.client_id == "none"),
    "insert": insert(TABLES["shifts"]).values(A_SHIFT),
    "columns and labels of the name": text("SELECT a.fixes, 1 AS shifts FROM (SELECT 1 AS fixes) AS a"),
    "other tables": select(WALKERS),
}
REFUSED: dict[str, Executable] = {
    "core": select(INCIDENTS.c.id),
    "orm": select(Incident),
    "a column": select(Incident.kind),
    "count": select(func.count()).select_from(INCIDENTS),
    "window": select(func.count(FIXES.c.id).over()),
    "locked": select(FIXES.c.id).with_for_update(),
    "or": select(INCIDENTS.c.id).where(or_(SEEN, INCIDENTS.c.id == 1)),
    "or true": select(INCIDENTS.c.id).where(or_(SEEN, true())),
    "not": select(INCIDENTS.c.id).where(not_(SEEN)),
    "not not": select(INCIDENTS.c.id).where(not_(not_(SEEN))),
    "case": select(INCIDENTS.c.id).where(case((SEEN, True), else_=True)),
    "having": select(INCIDENTS.c.id).group_by(INCIDENTS.c.id).having(SEEN),
    "of another table": select(INCIDENTS.c.id).where(SEEN_FIX),
    "one of two tables": select(INCIDENTS.c.id, FIXES.c.id).where(SEEN),
    "alias": select(INCIDENTS.alias().c.id),
    "alias with the condition of the table": select(INCIDENTS.alias().c.id).where(SEEN),
    "alias of an alias": select(INCIDENTS.alias().alias().c.id),
    "orm alias": select(aliased(Incident).id),
    "joined to itself": select(INCIDENTS.c.id).join(INCIDENTS.alias("o"), INCIDENTS.c.id > 0).where(SEEN),
    "sample": select(INCIDENTS.tablesample(func.system(1)).c.id),
    "lateral": select(select(INCIDENTS.c.id).lateral().c.id),
    "join": select(WALKERS.c.id).join(FIXES, WALKED),
    "outer join": select(WALKERS.c.id).outerjoin(FIXES, and_(WALKED, SEEN_FIX)),
    "orm join": select(Patroller).join(Fix, Patroller.id == Fix.patroller_id),
    "join in a join": select(WALKERS.c.id).select_from(
        WALKERS.join(FIXES.join(PATROLS, FIXES.c.patrol_id == PATROLS.c.id), WALKED)
    ),
    "with its condition, and again in a join in a join": select(FIXES.c.id)
    .select_from(FIXES.join(WALKERS.join(OTHER, OTHER.c.patroller_id == WALKERS.c.id), WALKED))
    .where(SEEN_FIX),
    "with its condition, and again as an alias of an alias": select(FIXES.c.id, OTHER.alias().c.id).where(SEEN_FIX),
    "with its condition, and again as a sample": select(
        FIXES.c.id, FIXES.tablesample(func.system(1), name="other").c.id
    ).where(SEEN_FIX),
    "subquery": select(select(FIXES.c.id).subquery().c.id),
    "alias of a subquery": select(select(FIXES.c.id).subquery().alias().c.id),
    "scalar": select(WALKERS.c.id, select(func.count(FIXES.c.id)).scalar_subquery()),
    "in": select(WALKERS.c.id).where(WALKERS.c.id.in_(select(FIXES.c.patroller_id))),
    "tuple in": select(WALKERS.c.id).where(tuple_(WALKERS.c.id).in_(select(FIXES.c.patroller_id))),
    "exists": select(WALKERS.c.id).where(exists().where(WALKED)),
    "exists under a condition": select(INCIDENTS.c.id).where(SEEN, exists().where(FIXES.c.id == INCIDENTS.c.id)),
    "order": select(WALKERS.c.id).order_by(select(func.max(FIXES.c.id)).scalar_subquery()),
    "limit": select(WALKERS.c.id).limit(select(func.max(FIXES.c.id)).scalar_subquery()),
    "having a subquery": select(WALKERS.c.id)
    .group_by(WALKERS.c.id)
    .having(select(func.max(FIXES.c.id)).scalar_subquery() > 1),
    "cte": select(select(FIXES.c.id).cte().c.id),
    "unused cte": select(WALKERS.c.id).add_cte(select(FIXES.c.id).cte()),
    "union": union_all(select(WALKERS.c.id), select(FIXES.c.id)),
    "half a union": union_all(select(INCIDENTS.c.id).where(SEEN), select(FIXES.c.id)),
    "update": update(INCIDENTS).values(kind="x"),
    "orm update": update(Incident).where(Incident.id == 1).values(kind="x"),
    "update from": update(WALKERS).where(WALKED).values(name=FIXES.c.client_id),
    "update with a subquery": update(WALKERS).values(name=select(func.max(FIXES.c.client_id)).scalar_subquery()),
    "delete": delete(Shift),
    "delete or": delete(FIXES).where(or_(SEEN_FIX, FIXES.c.id == 1)),
    "insert from": insert(WALKERS).from_select(["ref"], select(FIXES.c.client_id)),
    "from a statement": select(Incident).from_statement(select(INCIDENTS)),
    "from text": select(Incident).from_statement(text("SELECT * FROM incidents")),
    "text": text("SELECT * FROM fixes"),
    "text in capitals": text("SELECT * FROM FIXES"),
    "text with a comment": text("SELECT * FROM/**/fixes"),
    "text in quotes": text('SELECT * FROM "fixes"'),
    "text with columns": text("SELECT id FROM fixes").columns(column("id")),
    "text as a table": select(text("id")).select_from(text("fixes")),
    "text as a condition": select(WALKERS.c.id).where(text("id IN (SELECT id FROM fixes)")),
    "a literal": select(literal_column("(SELECT count(*) FROM fixes)")),
    "a table by its name": select(table("fixes", column("id")).c.id),
    "a suffix": select(WALKERS.c.id).suffix_with("UNION SELECT id FROM fixes"),
    "a prefix": select(WALKERS.c.id).prefix_with("(SELECT max(id) FROM fixes),"),
    "an operator": select(WALKERS.c.id.op("IN (SELECT id FROM fixes) OR 1 =")(1)),
    "the handlers of incidents": select(TABLES["incident_handlers"]),
}
OTHER_WAYS: dict[str, Callable[[Session], Any]] = {
    "get": lambda session: session.get(Incident, 1),
    "query": lambda session: session.query(Incident).all(),
    "core on the connection": lambda session: session.connection().execute(select(FIXES.c.id)),
    "text on the connection": lambda session: session.connection().execute(text("SELECT 1 FROM fixes")),
    "the driver's words": lambda session: session.connection().exec_driver_sql("SELECT 1 FROM fixes"),
    "pandas": lambda session: pd.read_sql(select(FIXES.c.id), session.connection()),
    "pandas and text": lambda session: pd.read_sql("SELECT id FROM fixes", session.connection()),
    "many at once": lambda session: session.execute(update(Incident), [{"id": 1, "kind": "x"}]),
}
