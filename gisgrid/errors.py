"""What can go wrong in words a person can act on, and which HTTP status each kind of mistake has."""


class GisgridError(Exception):
    """A mistake told in Chinese and English; `code` is the name of the class and never changes its meaning."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(zh, en)  # both, so that it can be pickled on its way from another process

    def __str__(self) -> str:
        return self.description

    @property
    def code(self) -> str:
        """The machine-readable name of the mistake."""
        return type(self).__name__

    @property
    def description(self) -> str:
        """Both languages in one line, Chinese first."""
        return f"{self.zh} / {self.en}"


class NotFound(GisgridError):
    """What was asked for is not there."""


class Conflict(GisgridError):
    """It contradicts what is already stored."""


class Refused(GisgridError):
    """The input is understood and not acceptable."""


class Unproven(GisgridError):
    """Whoever asks has not shown who they are."""


class Forbidden(GisgridError):
    """Not for this caller, or not in this set-up."""


class TooLarge(GisgridError):
    """More than one request may carry."""


class NotAcceptable(GisgridError):
    """It is not to be had in the form that was asked for."""


class TooOften(GisgridError):
    """Too many wrong credentials; `retry_after_s` says when another is looked at."""

    def __init__(self, zh: str, en: str, retry_after_s: int = 60) -> None:
        super().__init__(zh, en)
        self.retry_after_s = retry_after_s


class Unavailable(GisgridError):
    """Not now: the same request may succeed later."""

    retry_after_s = 5


STATUS: dict[type[GisgridError], int] = {
    NotFound: 404,
    Conflict: 409,
    Refused: 422,
    Unproven: 401,
    Forbidden: 403,
    NotAcceptable: 406,
    TooLarge: 413,
    TooOften: 429,
    Unavailable: 503,
}


def status_of(error: GisgridError) -> int:
    """Return the HTTP status of the nearest class of the family; 500 for a leaf that belongs to none."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
