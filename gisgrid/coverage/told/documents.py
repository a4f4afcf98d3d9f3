"""The one report object as a document in any form; all of them say what it says."""

from typing import Literal

from gisgrid.coverage.schemas import CoverageReport
from gisgrid.coverage.told.annexes import annex
from gisgrid.coverage.told.present import as_csv, as_frame, as_geojson
from gisgrid.coverage.told.sections import Extras, section
from gisgrid.coverage.told.workbook import as_workbook
from gisgrid.documents.geo_files import geo_file
from gisgrid.documents.paper import Paper, paper_page, paper_pdf

DocumentForm = Literal["pdf", "html", "xlsx", "csv", "gpkg", "geojson", "parquet", "kml"]
LAYER = "coverage"


def document(report: CoverageReport, extras: Extras, form: DocumentForm, *, is_plain: bool = False) -> bytes:
    """Return a report as a file. `is_plain`: on paper, dense and in two languages instead of the official style.

    A PDF takes seconds: see `pdf_of` for where to call it. Raises NoPango, NoFont, CellTooLong.
    """
    match form:
        case "pdf":
            return paper_pdf(paper_of(report, extras, is_plain=is_plain))
        case "html":
            return paper_page(paper_of(report, extras, is_plain=is_plain)).encode()
        case "xlsx":
            return as_workbook(report, extras.period)
        case "csv":
            return as_csv(report)
        case "geojson":
            return as_geojson(report, extras.shapes)
        case _:
            return geo_file(as_frame(report, extras.shapes), form, LAYER)


def paper_of(report: CoverageReport, extras: Extras, *, is_plain: bool = False) -> Paper:
    """Return a report as a paper, with the sections and annexes that are asked for; empty annexes are left out."""
    annexes = [annex(name, report, extras) for name in extras.annexes]
    return Paper(
        title=extras.title[0],
        title_en=extras.title[1],
        subtitle=extras.period_of(report).zh,
        sections=[section(name, report, extras) for name in extras.sections],
        annexes=[each for each in annexes if each is not None],
        signed=extras.office,
        dated=extras.dated,
        is_plain=is_plain,
    )
