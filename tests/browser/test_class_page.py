"""The page of `sknn-scratch grade` in a real browser, wide and narrow."""

import pytest
from made_class import found, page_of, submission

from sknn_scratch._html.page import write_page

LONG = "<script>window.hit = 1</script>a_name_that_is_much_longer_than_a_phone_is_wide"
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture
def path(tmp_path):
    """A page with a long name, a long sentence and a remark."""
    wrong = submission(LONG, remarks=[LONG], relu=[found("a", LONG), found("b")])
    write_page(tmp_path / "class.html", page_of(submission("x"), wrong))
    return tmp_path / "class.html"


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_is_not_wider_than_the_window(browse, path, width, scheme):
    driver = browse(path, width=width, scheme=scheme)
    driver.execute_script("document.querySelectorAll('details').forEach(d => d.open=1)")
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    assert driver.get_log("browser") == []
    assert driver.execute_script("return window.hit") is None


def test_a_students_name_leads_to_the_feedback(browse, path):
    driver = browse(path)
    link = driver.find_element("link text", LONG)
    driver.execute_script("arguments[0].focus()", link)
    link.send_keys("\n")
    open_ones = driver.execute_script(
        "return [...document.querySelectorAll('details')].map(one => one.open)"
    )
    assert open_ones == [False, True]


def test_tables_that_scroll_take_the_keyboard(browse, path):
    driver = browse(path, width=390)
    regions = driver.find_elements("css selector", "[role=region]")
    assert [region.get_attribute("tabindex") for region in regions] == ["0", "0"]
