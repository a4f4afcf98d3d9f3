"""The offices over HTTP: which departments there are to act on something."""

from fastapi import APIRouter

from gisgrid.database import ReadSession
from gisgrid.staff.offices import departments
from gisgrid.staff.schemas import DepartmentEntry

router = APIRouter(prefix="/api", tags=["staff"])


@router.get("/departments")
def get_departments(session: ReadSession) -> list[DepartmentEntry]:
    """List the departments, in the order in which they were added."""
    return [DepartmentEntry.model_validate(each, from_attributes=True) for each in departments(session)]
