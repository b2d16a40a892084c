"""What goes wrong in table questions elsewhere, each on words of our own."""

from tests.rag.tableqa.examples import SALES_TEXT, TAXES, TAXES_TEXT, ask, context, said


def test_a_change_column_is_never_a_years_value():
    found = ask("What was the change in pumps from 2020 to 2021?")
    assert found.values == ("200.5",)
    assert all("Change" not in cell.column for cell in found.cells)
    assert ask("What were valves?").values == ("300.0",)


def test_what_something_includes_and_what_caused_it_want_prose():
    paragraphs = (*SALES_TEXT, "Service includes repairs and spare parts.")
    assert said("What does service include?", paragraphs=paragraphs)[0] == ("repairs and spare parts.",)
    caused = ask("What caused the increase in sales of pumps?", paragraphs=paragraphs)
    assert caused.values == ("primarily due to two desalination plants.",)
    assert not caused.cells


def test_an_unlabelled_total_does_not_outrank_a_labelled_one():
    found = ask("What was total EMEA in 2021?", TAXES, TAXES_TEXT)
    assert [cell.row for cell in found.cells] == ["Total EMEA"]


def test_number_words_are_no_amounts_of_a_cell():
    table = (("", "Less than one year", "One to three years"), ("Debt (in thousands)", "40", "60"))
    assert said("What is the debt due in less than one year?", table, ()) == (("40",), "thousand")


def test_a_line_break_inside_the_scale_is_read():
    assert context(TAXES, ("The provision was as follows (in\nthousands):",)).scale == "thousand"
    assert context(TAXES, TAXES_TEXT).scale == "thousand"


def test_ligatures_and_typographic_minus_signs_match():
    table = (("", "2021"), ("Proﬁt from ﬁnancing", "−30"))
    assert said("What was the profit from financing in 2021?", table, ())[0] == ("−30",)


def test_a_row_of_percentages_changes_in_points_and_relatively_when_asked():
    assert said("What was the change in gross margin from 2020 to 2021?") == (("1.5",), "percent")
    assert said("What was the percentage change in gross margin from 2020 to 2021?") == (("5",), "percent")


def test_the_sign_of_a_change_does_not_follow_the_order_of_words():
    assert said("What was the change in pumps in 2021 from 2020?")[0] == ("200.5",)
    assert said("What was the change in pumps between 2021 and 2020?")[0] == ("200.5",)


def test_a_bracketed_year_before_is_found_as_british_reports_print_it():
    paragraphs = ("Guarantees came to £13.0 million (31 December 2020: £12.4 million).",)
    assert said("What were the guarantees at 31 December 2020?", paragraphs=paragraphs)[0] == ("£12.4 million",)
    assert said("What were the guarantees at 31 December 2021?", paragraphs=paragraphs)[0] == ("£13.0 million",)
