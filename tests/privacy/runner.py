"""A process that lets go what is due, and is killed at the commit of a number: before it, or when it is done."""

import os
import signal
import sys
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.orm import Session

from gisgrid.database import make_engine
from gisgrid.privacy import seal
from gisgrid.privacy.retention import run
from gisgrid.settings import Settings


def main(url: str, now: str, number: str, moment: str) -> None:
    """Run with slices of two rows."""
    left = [int(number)]
    seal.SLICE = 2  # type: ignore[misc]

    def kill(_: Session) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, moment, kill)
    run(make_engine(url), Settings(database_url=url), datetime.fromisoformat(now))


if __name__ == "__main__":
    main(*sys.argv[1:])
