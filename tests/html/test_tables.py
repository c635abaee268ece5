"""Tables as text and as HTML."""

from sknn_scratch._html.tables import html_table, text_table


def test_text_has_columns_of_one_width_numbers_to_the_right():
    text = text_table(["layer", "n"], [["hidden", 12], ["out", 3]])
    assert text.splitlines() == [
        "layer    n",
        "------  --",
        "hidden  12",
        "out      3",
    ]


def test_long_numbers_are_cut_whole_numbers_are_not():
    text = text_table(["a", "b"], [[0.123456789, 123456789]])
    assert text.splitlines()[-1].split() == ["0.1235", "123456789"]


def test_what_is_not_there_is_left_blank_and_keeps_numbers_to_the_right():
    assert text_table(["a", "b"], [["x", None], ["y", 1.5]]).splitlines()[2:] == [
        "x",
        "y  1.5",
    ]


def test_no_rows_are_a_head_only():
    assert text_table(["a", "bc"], []).splitlines() == ["a  bc", "-  --"]


def test_columns_can_be_put_to_the_right_without_a_line_below_the_heads():
    text = text_table(["a", "b"], [["xx", "1"]], right=[False, True], underlined=False)
    assert text == "a   b\nxx  1"


def test_html_is_escaped_and_marks_numbers():
    html = html_table(["<head>"], [["<b>"], [2]])
    assert "<th>&lt;head&gt;</th>" in html
    assert "<td>&lt;b&gt;</td>" in html
    assert '<td class="number">2</td>' in html
