"""What the offices look like on the wire."""

from pydantic import BaseModel


class DepartmentEntry(BaseModel):
    """A department: its code, and what the office calls it."""

    code: str
    zh: str
    en: str
