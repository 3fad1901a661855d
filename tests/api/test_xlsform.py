"""Every instrument as an XLSForm that pyxform converts, with every question, code and language."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

import pytest
from pyxform.xls2xform import convert

import assessments
from app.api.xlsform import MIME, field_of, workbook
from tests.api.conftest import Bearer


@pytest.mark.parametrize("key", assessments.available())
def test_an_instrument_converts(key: str) -> None:
    instrument = assessments.load(*key.split("@"))
    made = convert(xlsform=BytesIO(workbook(instrument)), file_type=".xlsx")
    form = ElementTree.fromstring(made.xform)  # noqa: S314  # our own form, made a line above
    names = [
        binding.get("nodeset", "").rpartition("/")[2] for binding in form.iter("{http://www.w3.org/2002/xforms}bind")
    ]
    wanted = [field_of("answers", name) for name in instrument.fields]
    wanted += [field_of("facts", fact.id) for fact in instrument.facts]
    assert [name for name in names if name[:2] in {"a_", "f_"}] == wanted
    assert not [warning for warning in made.warnings if "language" not in warning]
    for text in (instrument.items[0].title["zh"], instrument.items[0].title["en"]):
        assert text in made.xform


def test_it_is_downloaded_by_who_reads_sheets(bearer: Bearer) -> None:
    answer = bearer("assessor_a").get("/api/v1/instruments/selfcare30@1/xlsform.xlsx")
    assert answer.status_code == 200
    assert answer.mimetype == MIME
    assert answer.data[:4] == b"PK\x03\x04"
    assert bearer("assessor_a").get("/api/v1/instruments/nothing@1/xlsform.xlsx").status_code == 404
