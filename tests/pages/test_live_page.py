"""The page that trains a network, before a browser has seen it."""

import re

from sknn_scratch._html.page import asset
from sknn_scratch._pages.play.page import SCRIPTS, live_page


def test_the_page_without_a_recording_is_small():
    assert len(live_page().encode()) < 100_000


def test_it_asks_nothing_of_the_network():
    page = live_page().replace("http://www.w3.org/2000/svg", "")  # a name
    assert "//" not in re.sub(r"^\s*//.*$", "", page, flags=re.M)  # but comments
    assert not re.search(r"\bsrc\s*=|@import|url\(|fetch\(|XMLHttp", page)


def test_its_scripts_are_of_a_size_to_read():
    for name in SCRIPTS:
        assert asset("sknn_scratch._pages.play", f"{name}.js").count("\n") < 450
