"""Pages that need nothing but themselves."""

import re

import pytest

from sknn_scratch._page import asset, page


def test_a_page_is_whole_and_its_title_is_text():
    html = page("a < b", "<h1>x</h1>", style="h1 { color: red; }", script="let a = 1;")
    assert html.startswith("<!doctype html>")
    assert "<title>a &lt; b</title>" in html
    assert "h1 { color: red; }" in html
    assert "<script>\nlet a = 1;</script>" in html


def test_a_page_without_a_script_has_none():
    assert "<script" not in page("t", "b")


@pytest.mark.parametrize("name", ["page.css"])
def test_what_the_package_brings_asks_for_nothing_from_elsewhere(name):
    assert not re.search(r"https?:|@import|url\((?!data:)", asset(name))
