"""Check-ins from files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gisgrid.intake.arrivals import Outcome
from gisgrid.intake.imports import Fault, Plan, Progress, Wishes, import_file
from gisgrid.patrols.arrival.check_in import check_in
from gisgrid.patrols.arrival.senders import CheckIn
from gisgrid.patrols.schemas import CheckInCreate
from gisgrid.patrols.trackers.files import COLUMNS
from gisgrid.settings import Settings
from gisgrid.wire import Name


class NamedCheckIn(CheckInCreate):
    """A check-in of a file, which says whose each is."""

    patroller: Name


PLAN = Plan(
    model=NamedCheckIn,
    columns=COLUMNS,
    moment="fix_at",
    required=("longitude", "latitude", "fix_at", "patroller"),
    for_all="patroller",
    numbers=("longitude", "latitude", "accuracy_m", "recorded_by"),
)


def import_check_ins(
    engine: Engine, path: Path, wishes: Wishes, settings: Settings, fault: Fault, progress: Progress
) -> dict[str, int]:
    """Store the check-ins of a CSV, GeoJSON or GPX file, as `import_file` does."""
    received_at = datetime.now(UTC)

    def act(session: Session, items: Sequence[NamedCheckIn], crs: str) -> list[Outcome]:
        given = [{"crs": crs, **item.model_dump(exclude_unset=True)} for item in items]
        sent = [CheckIn(received_at=received_at, **fields) for fields in given]
        return check_in(session, sent, settings)

    return import_file(engine, path, PLAN, wishes, act, fault, progress)
