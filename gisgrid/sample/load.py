"""The sample's ground put into an empty database: cells, patrollable mask, checkpoints, the sea."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import Conflict
from gisgrid.grid.layers.mask import store_mask
from gisgrid.grid.layers.store import SINCE_EVER, store_cells
from gisgrid.grid.own.read import Read
from gisgrid.grid.own.store import SEA, Wish, add_own
from gisgrid.grid.tables import LayerSet
from gisgrid.patrols.checkpoints import store_checkpoints
from gisgrid.sample.cells import sample_cells
from gisgrid.sample.checkpoints import sample_checkpoints
from gisgrid.sample.patrollable import sample_patrollable
from gisgrid.sample.sea import sample_sea


class GridThere(Conflict):
    """The database has a grid already; the sample would mix with real data."""


def load_sample(session: Session, metric_crs: str) -> None:
    """Store the sample's layers. Does not commit. Raises GridThere."""
    if session.scalar(select(LayerSet.id).limit(1)) is not None:
        raise GridThere(
            "数据库中已有网格,示例数据只能载入空的数据库",
            "the database has a grid already; the sample goes into an empty database only",
        )
    store_cells(
        session,
        sample_cells(),
        name="葵涌示例网格",
        source="gisgrid.sample",
        first_day=SINCE_EVER,
        metric_crs=metric_crs,
        note="示意,非测绘成果 / illustrative, not surveyed",
    )
    store_mask(session, sample_patrollable())
    store_checkpoints(session, sample_checkpoints())
    sea = sample_sea()
    add_own(session, Wish(SEA, source="gisgrid.sample"), Read(sea.geometry.to_numpy(), sea["name"].tolist()))
