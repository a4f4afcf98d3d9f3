"""A folder of results that appears under its name only when everything is in it, in place of an earlier one."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from gisgrid.errors import Conflict

LIST = "_gisgrid.json"
"""What is in the folder. Readers of Parquet pass over it; its being there says that the folder may be replaced."""
PART = ".part-"


class NotResults(Conflict):
    """A folder that holds something else and shall not be replaced."""


@contextmanager
def replaced(target: Path, source: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield an empty folder and an empty list of contents; without an error they take the place of `target`.

    A computer that stops in the middle leaves `target` as it was, and a folder `.part-…` beside it that can be deleted.
    Raises NotResults.
    """
    target, source = target.resolve(), source.resolve()
    _require_replaceable(target, source)
    mark = f"{target.name}-{uuid4().hex[:8]}"
    staging, former = target.with_name(PART + mark), target.with_name(f".former-{mark}")
    staging.mkdir(parents=True)
    contents: dict[str, Any] = {}
    try:
        yield staging, contents
        for left in staging.rglob(f"{PART}*"):  # by workers that were lost while writing
            left.unlink()
        (staging / LIST).write_text(json.dumps(contents, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except BaseException:
        staging.rename(former)  # so that workers still at it find nowhere to write
        shutil.rmtree(former, ignore_errors=True)
        raise
    if target.exists():
        target.rename(former)
    staging.rename(target)
    shutil.rmtree(former, ignore_errors=True)


def _require_replaceable(target: Path, source: Path) -> None:
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise NotResults(
            "结果目录与数据目录不能互相包含", "the folder of results and the folder of data must not lie in each other"
        )
    if target.exists() and not (target / LIST).is_file() and not _is_empty(target):
        raise NotResults(
            f"{target} 中有别的内容,不会覆盖;请换一个目录",
            f"{target} holds something else, which is not replaced; choose another folder",
        )


def _is_empty(target: Path) -> bool:
    return target.is_dir() and next(target.iterdir(), None) is None
