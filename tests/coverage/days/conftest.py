from tests.coverage.days.worlds import anew, walked

__all__ = ["anew", "walked"]
