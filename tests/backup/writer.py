"""Another process that writes to a database until it is ended: one fix a transaction, each told once it is stored."""

import sys
from itertools import count

from gisgrid.database import make_engine, session_scope
from tests.rows import a_fix

engine = make_engine(sys.argv[1])
for number in count(1000):
    with session_scope(engine, write=True) as session:
        session.add(a_fix(number, patroller_id=1))
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
