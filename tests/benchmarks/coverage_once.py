"""A month's report in a process of its own: `python -m tests.benchmarks.coverage_once ADDRESS START END AGAIN`.

Tells, as JSON: how long it took until everything was imported, the first report, each one after it, and its counts.
"""

import json
import sys
import time

BEGUN = time.perf_counter()


def main(address: str, start: str, end: str, again: int) -> None:
    """Report once, and again so many times, each in a session of its own."""
    from datetime import datetime

    from gisgrid.coverage.report import coverage_report
    from gisgrid.migrations import open_session
    from gisgrid.parameters import Period
    from gisgrid.settings import read_settings

    asked = ("all",)
    settings, period = read_settings(), Period(datetime.fromisoformat(start), datetime.fromisoformat(end))
    imported_s = time.perf_counter() - BEGUN
    took, counts = [], {}
    for _ in range(1 + again):
        wall, cpu = time.perf_counter(), time.process_time()
        with open_session(address) as session:
            reports = [coverage_report(session, settings, level=level, period=period) for level in asked]
        took.append((time.perf_counter() - wall, time.process_time() - cpu))
        counts = {
            cell.code: (cell.check_ins, cell.patrollers, cell.patrols)
            for report in reports
            for cell in report.cells
            if cell.check_ins
        }
    json.dump({"imported_s": imported_s, "took": took, "counts": counts}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
