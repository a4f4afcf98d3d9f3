"""How alembic runs: always on the connection it is handed."""

from alembic import context
from geoalchemy2 import alembic_helpers

import gisgrid.attachments.tables
import gisgrid.audit.tables
import gisgrid.coverage.tables
import gisgrid.grid.own.tables
import gisgrid.grid.tables
import gisgrid.incidents.calendar.tables
import gisgrid.incidents.emergencies.tables
import gisgrid.incidents.kinds.tables
import gisgrid.incidents.orders.tables
import gisgrid.incidents.saved.tables
import gisgrid.incidents.surveys.tables
import gisgrid.incidents.tables
import gisgrid.incidents.visits.tables
import gisgrid.jobs
import gisgrid.notices.tables
import gisgrid.patrols.changes
import gisgrid.patrols.plans.tables
import gisgrid.patrols.suggest.tables
import gisgrid.patrols.tables
import gisgrid.publications.tables
import gisgrid.staff.tables  # noqa: F401 - the tables register themselves
from gisgrid.database import Base


def include_object(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave out what belongs to SpatiaLite and PostGIS."""
    if kind == "table" and reflected and name not in Base.metadata.tables:
        return False
    return bool(alembic_helpers.include_object(thing, name, kind, reflected, compare_to))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
)
with context.begin_transaction():
    context.run_migrations()
