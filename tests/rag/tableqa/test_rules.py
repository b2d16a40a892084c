"""What each rule makes of small tables: operation, result, scale, formula and cells."""

import pytest

from tests.rag.tableqa.examples import AWARDS, LEASES, TAXES, TAXES_TEXT, ask, said


@pytest.mark.parametrize(
    ("question", "operation", "values", "scale"),
    [
        ("What were pumps in 2020?", "look-up", ("$ 1,000.0",), "million"),
        ("What was the gross margin in 2021?", "look-up", ("31.5%",), "percent"),
        ("What were pumps in 2021 and 2020 respectively?", "values", ("$ 1,200.5", "$ 1,000.0"), "million"),
        ("What were pumps and valves in 2021, respectively?", "values", ("$ 1,200.5", "300.0"), "million"),
        ("What is the average of pumps for 2020 and 2021?", "average", ("1100.25",), "million"),
        ("What was the 2021 average of valves?", "average", ("350",), "million"),
        ("What is the change in valves from 2020 to 2021?", "change", ("-100",), "million"),
        ("What is the difference in valves between 2021 and 2020?", "change", ("100",), "million"),
        ("What was the percentage change in pumps between 2020 and 2021?", "percentage change", ("20.05",), "percent"),
        ("What is the percentage of pumps in total sales in 2021?", "percentage of", ("80.01",), "percent"),
        ("What is the ratio of valves to pumps in 2020?", "ratio", ("0.4",), ""),
        ("What is the difference between pumps and valves in 2020?", "difference", ("600",), "million"),
        ("What is the sum of pumps and valves in 2020?", "sum", ("1400",), "million"),
        ("What is the total of pumps in 2020 and 2021?", "sum", ("2200.5",), "million"),
        ("In which year were valves higher?", "year of the largest", ("2020",), ""),
        ("In which year were valves less than 350 million?", "years beyond", ("2021",), ""),
        ("How many years did pumps exceed $1,100 million?", "count of years", ("1",), ""),
        ("Which years does the table cover?", "years", ("2021", "2020"), ""),
        ("Which product line had the lowest sales in 2021?", "row of the smallest", ("Service",), ""),
        ("What was the change (%) of pumps?", "look-up", ("20.1",), "percent"),
        ("What were earnings per share in 2021?", "look-up", ("$ 2.10",), ""),
    ],
)
def test_the_rules_on_a_table_of_sales(question, operation, values, scale):
    found = ask(question)
    assert (found.operation, found.values, found.scale) == (operation, values, scale)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What was the backlog at December 31, 2020?", ("$1.9 billion",)),
        ("What was the backlog in 2021 and 2020 respectively?", ("$2.4 billion", "$1.9 billion")),
        ("What was the total backlog in 2021 and 2020?", ("4.3",)),
        ("Over what period are warranty costs expected to be paid?", ("3.5 years",)),
        ("How much warranty costs are expected to be paid?", ("$12.5 million",)),
        ("What is backlog?", ("orders received and not yet delivered.",)),
        ("Why did sales of pumps increase?", ("primarily due to two desalination plants.",)),
    ],
)
def test_the_paragraphs_answer_what_the_table_does_not(question, values):
    assert ask(question).values == values


def test_an_answer_explains_itself():
    found = ask("What was the percentage change in pumps between 2020 and 2021?")
    assert found.formula == "($ 1,200.5 - $ 1,000.0) / $ 1,000.0"
    assert [(c.row, c.text, c.scale) for c in found.cells] == [
        ("Pumps", "$ 1,200.5", "million"),
        ("Pumps", "$ 1,000.0", "million"),
    ]
    assert "2021" in found.cells[0].column
    assert 0 < found.confidence < 1
    assert ask("What was the backlog at December 31, 2020?").quote.startswith("The backlog was $2.4 billion")


def test_sections_tell_rows_of_one_label_apart():
    assert said("What was the current federal provision in 2021?", TAXES, TAXES_TEXT)[0] == ("700",)
    assert said("What was the deferred federal provision in 2021?", TAXES, TAXES_TEXT)[0] == ("(90)",)
    assert said("What was the total current provision in 2020?", TAXES, TAXES_TEXT)[0] == ("700",)


def test_tables_of_years_are_turned():
    assert said("What are operating leases for 2023?", LEASES, ())[0] == ("130",)
    assert said("What is the change in finance leases between 2022 and 2023?", LEASES, ())[0] == ("-2",)


def test_movements_are_found_by_the_year_they_close_in():
    assert said("How many shares were granted in 2020?", AWARDS, ())[0] == ("200",)
    assert said("How many shares were granted in 2021?", AWARDS, ())[0] == ("300",)


def test_the_current_ratio_is_known():
    table = (("", "2021", "2020"), ("Total current assets", "300", "200"), ("Total current liabilities", "150", "160"))
    assert said("What is the current ratio in 2021?", table, ())[0] == ("2",)


def test_means_of_two_rows_are_compared():
    question = "What is the difference between the average pumps and the average valves for 2020 and 2021?"
    assert said(question) == (("750.25",), "million")


@pytest.mark.parametrize("question", ["", "?", "Tell me a joke", "what what what"])
def test_what_nobody_can_answer_is_an_abstention_or_unsure(question):
    found = ask(question)
    assert found.abstained or found.confidence < 0.5


def test_like_words_find_a_row_that_the_question_names_otherwise():
    table = (("", "2021"), ("Inventories", "70"), ("Trade debtors", "20"))
    assert said("What were trade receivables in 2021?", table, ())[0] == ("20",)


def test_a_ratio_over_zero_is_not_computed():
    table = (("", "2021", "2020"), ("Rent", "5", "—"), ("Fees", "—", "4"))
    assert ask("What is the percentage change in rent from 2020 to 2021?", table, ()).operation != "percentage change"
    assert ask("What is the ratio of rent to fees in 2021?", table, ()).operation != "ratio"


def test_a_label_that_explains_more_of_the_question_outdoes_a_short_one_named_whole():
    table = (("", "2021"), ("Maintenance", "900"), ("Cost of maintenance revenue", "40"), ("Cost of services", "7"))
    assert said("What was the cost for maintenance revenue in 2021?", table, ())[0] == ("40",)
    assert said("What was maintenance in 2021?", table, ())[0] == ("900",)
