"""Pages that need nothing but themselves."""

import os
import pathlib
import re
import stat

import pytest

import sknn_scratch
from sknn_scratch._html.page import asset, page, write_page


def test_a_page_is_whole_and_its_title_is_text():
    html = page("a < b", "<h1>x</h1>", style="h1 { color: red; }", script="let a = 1;")
    assert html.startswith("<!doctype html>")
    assert "<title>a &lt; b</title>" in html
    assert "h1 { color: red; }" in html
    assert "<script>\nlet a = 1;</script>" in html


def test_a_page_without_a_script_has_none():
    assert "<script" not in page("t", "b")


ASSETS = [
    path
    for path in pathlib.Path(sknn_scratch.__file__).parent.rglob("*.*")
    if path.suffix in (".css", ".html", ".js")
]


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_what_the_package_brings_asks_for_nothing_from_elsewhere(path):
    folder = path.relative_to(pathlib.Path(sknn_scratch.__file__).parents[1]).parent
    text = asset(".".join(folder.parts), path.name)
    assert text == path.read_text(encoding="utf-8")
    assert not re.search(
        r"https?:(?!//www.w3.org/2000/svg)|@import|url\((?!data:)", text
    )


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe must be a file to write, got something"):
        write_page(tmp_path / "pipe", "<p>")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
