"""Blocks of the companion that run in the page, in Chromium.

Python is a stand-in, `pyodide.mjs` beside this file. Where SKNN_SCRATCH_PYODIDE names a
folder with Pyodide (see tests/pyodide/bundle.py) one test runs the real one.
"""

import functools
import http.server
import os
import pathlib
import threading

import companion
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

HERE = pathlib.Path(__file__).parent
REAL = pathlib.Path(os.environ.get("SKNN_SCRATCH_PYODIDE", "none"))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files that any page may ask for, as a public copy of Pyodide has them."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def serve():
    """Serve folders on this machine; return their addresses."""
    servers = []

    def serve(folder):
        handler = functools.partial(Handler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def built(tmp_path_factory, serve):
    """The companion whose Pyodide is the stand-in."""
    folder = tmp_path_factory.mktemp("companion") / "html"
    return companion.build(folder, live_code_address=serve(HERE))


@pytest.fixture
def week(browse, built):
    """The page of week 2, opened as a file."""
    return browse(built / "course" / "week2.html")


def blocks(driver):
    return driver.find_elements(By.CSS_SELECTOR, ".live:not(.live-exercise)")


def exercises(driver):
    found = driver.find_elements(By.CSS_SELECTOR, ".live-exercise")
    return [block for block in found if block.is_displayed()]  # others are folded


def code_of(block):
    return block.get_attribute("data-code")


def button(block, text):
    path = f".//button[starts-with(., '{text}')]"
    return block.find_element(By.XPATH, path)


def part(block, name):
    return block.find_element(By.CLASS_NAME, f"live-{name}")


def wait_for(condition, seconds=30):
    WebDriverWait(None, seconds, poll_frequency=0.05).until(lambda _: condition())


def run(block):
    """Press Run; what the block shows in the end."""
    button(block, "Run").click()
    wait_for(button(block, "Run").is_enabled)
    return part(block, "output").text


def fetched(driver):
    script = "return performance.getEntriesByType('resource').map(e => e.name)"
    return driver.execute_script(script)


def test_nothing_of_python_is_fetched_before_a_click(week):
    exercises(week)[0].find_element(By.CLASS_NAME, "live-editor").click()
    assert not [name for name in fetched(week) if "bundle" in name or ".mjs" in name]


def test_a_page_without_blocks_of_python_has_no_script_of_them(built):
    assert "live.js" not in (built / "search.html").read_text()


def test_run_shows_what_the_block_prints(week):
    first = blocks(week)[0]
    # the wheel came first
    assert run(first) == f"2. {code_of(first).strip()}"
    assert part(first, "status").text == ""


def test_neither_prompts_nor_what_is_printed_are_run(week):
    shown = [block for block in blocks(week) if ">>> " in block.text]
    assert len(shown) > 5
    for block in shown:
        assert ">>> " not in code_of(block)
        compile(code_of(block), "block", "exec")


def test_blocks_before_it_run_first_and_once(week):
    second, third = blocks(week)[1:3]
    assert run(third)[0] == "4"
    assert part(second, "output").text[0] == "3"
    assert run(third)[0] == "5"


def test_an_exercise_runs_alone_as_it_was_edited(week):
    exercise = exercises(week)[0]
    editor = part(exercise, "editor")
    editor.send_keys(Keys.CONTROL, Keys.END, Keys.NULL, "# mine")
    editor.send_keys(Keys.CONTROL, Keys.ENTER, Keys.NULL)
    wait_for(lambda: part(exercise, "output").is_displayed())
    text = part(exercise, "output").text
    assert text == f"2. {code_of(exercise).strip()}# mine"


def test_start_over_brings_the_exercise_back(week):
    exercise = exercises(week)[0]
    editor = part(exercise, "editor")
    before = editor.get_attribute("value")
    editor.send_keys("nonsense")
    button(exercise, "Start over").click()
    assert part(exercise, "editor").get_attribute("value") == before


def test_an_edited_block_runs_again_before_those_after_it(week):
    first, second = blocks(week)[:2]
    run(second)
    button(first, "Edit").send_keys(Keys.SPACE)
    part(first, "editor").send_keys(" ")
    assert run(second)[0] == "5"


def test_enter_keeps_the_indentation_and_tab_indents(week):
    exercise = exercises(week)[0]
    editor = part(exercise, "editor")
    editor.clear()
    editor.send_keys("def f():", Keys.ENTER, "pass", Keys.ENTER, Keys.TAB, "x")
    assert editor.get_attribute("value") == "def f():\n    pass\n        x"


def test_escape_and_tab_leave_the_editor(week):
    editor = part(exercises(week)[0], "editor")
    editor.send_keys(Keys.ESCAPE, Keys.TAB)
    assert week.switch_to.active_element.text == "Run and check"


def test_an_error_is_marked(week):
    exercise = exercises(week)[0]
    part(exercise, "editor").send_keys("wrong")
    run(exercise)
    assert "live-failed" in exercise.get_attribute("class")


def test_stop_ends_a_block_that_never_ends(week):
    exercise, other = exercises(week)[:2]
    part(exercise, "editor").send_keys("while True: pass #")
    button(exercise, "Run").click()
    wait_for(lambda: part(exercise, "status").text == "running ...")
    button(exercise, "Stop").click()
    wait_for(button(exercise, "Run").is_enabled)
    assert part(exercise, "status").text == "stopped; Run starts Python anew"
    assert run(other)[0] == "2"


def elsewhere(built, name, address):
    """A page whose Pyodide is at another address."""
    text = (built / "course" / "week1.html").read_text(encoding="utf-8")
    there = text.split('data-address="')[1].split('"')[0]
    page = built / "course" / f"{name}.html"
    page.write_text(text.replace(there, address), encoding="utf-8")
    return page


@pytest.fixture
def away(built):
    """A page whose Pyodide is where nobody answers."""
    return elsewhere(
        built,
        "away",
        "http://127.0.0.1:9/a-folder-of-a-long-name/that-no-line-of-a-phone-takes/",
    )


def test_without_a_network_it_says_so_and_run_tries_again(browse, away):
    first = blocks(browse(away))[0]
    for _ in range(2):
        assert run(first) == ""
        said = part(first, "status").text
        assert said.startswith("Python could not be loaded from http://127.0.0.1:9/a")


def test_no_part_of_a_block_is_wider_than_a_narrow_page(browse, away):
    driver = browse(away, width=390)
    run(blocks(driver)[0])
    parts = driver.find_elements(By.CSS_SELECTOR, ".live, .live > *, .live-bar > *")
    shown = [part.rect for part in parts if part.is_displayed()]
    assert len(shown) > 10
    assert max(box["x"] + box["width"] for box in shown) <= 390


if REAL.is_dir():

    def test_the_real_python_gives_a_verdict(browse, built, serve):
        page = elsewhere(built, "real", serve(REAL))
        exercise = exercises(browse(page))[0]
        button(exercise, "Run").click()
        wait_for(lambda: part(exercise, "output").is_displayed(), seconds=300)
        said = part(exercise, "output").text
        assert " is not right yet (" in said
        assert "blank_left" in said
