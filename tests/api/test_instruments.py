"""Instruments over the API: everything a tablet needs to score by itself, made from the files, with its hash."""

from __future__ import annotations

import pytest

import assessments
from assessments.export import digest
from tests.api.conftest import Bearer, fits

PATH = "/api/v1/instruments"


def test_the_list_names_what_a_sheet_may_name(bearer: Bearer) -> None:
    body = fits(bearer("assessor_a").get(PATH), PATH)
    assert [one["key"] for one in body["items"]] == assessments.available()


def test_the_data_carries_its_hash_and_the_hash_of_the_file(bearer: Bearer) -> None:
    client = bearer("assessor_a")
    for key in assessments.available():
        body = fits(client.get(f"{PATH}/{key}"), f"{PATH}/{{instrument_key}}")
        assert body["export_sha256"] == digest(body["data"])
        assert body["sha256"] == assessments.load(*key.split("@")).sha256 == body["data"]["sha256"]


@pytest.mark.parametrize(
    "key", ["mzt039@2013-raw", "caregrade@2021", "nothing@1", "selfcare30", "..@..", "selfcare30@1%00"]
)
def test_other_names_are_not_there(bearer: Bearer, key: str) -> None:
    assert bearer("assessor_a").get(f"{PATH}/{key}").status_code == 404
