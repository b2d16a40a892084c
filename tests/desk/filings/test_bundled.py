import pytest

from desk.errors import DataError, NotFound
from desk.filings.bundled import BundledFilings


def test_titles_name_company_form_and_period():
    titles = [filing.title for filing in BundledFilings().filings()]
    assert titles[:3] == ["Apple Inc. 10-K FY2024", "Apple Inc. 10-Q FY2024 Q3", "Oracle Corporation 10-Q FY2025 Q1"]


def test_every_document_can_be_fetched():
    source = BundledFilings()
    assert all(len(source.fetch(filing.id)) > 1000 for filing in source.filings())


def test_an_unknown_id_is_not_found():
    with pytest.raises(NotFound, match="'nope'"):
        BundledFilings().fetch("nope")


def test_a_damaged_catalogue_is_named(tmp_path):
    (tmp_path / "catalogue.yaml").write_text("- {id: 3")
    with pytest.raises(DataError, match=r"catalogue\.yaml"):
        BundledFilings(tmp_path).filings()
