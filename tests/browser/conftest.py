"""Pages in a real browser: left out where selenium or Chromium is missing."""

import importlib.util
import shutil

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

collect_ignore_glob = []
if importlib.util.find_spec("selenium") is None or not (CHROMIUM and DRIVER):
    collect_ignore_glob.append("test_*.py")
if importlib.util.find_spec("sphinx") is None:
    collect_ignore_glob.append("test_live_blocks.py")

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """One browser for the tests of a file."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def browse(chromium):
    """Opens a page of a width, in light or dark, without motion unless it is wanted."""

    def browse(path, *, width=1280, scheme="light", motion="reduce", part=""):
        features = {"color-scheme": scheme, "reduced-motion": motion}
        chromium.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {
                "features": [
                    {"name": f"prefers-{name}", "value": value}
                    for name, value in features.items()
                ]
            },
        )
        chromium.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": width,
                "height": 900,
                "deviceScaleFactor": 1,
                "mobile": width < 500,
            },
        )
        chromium.get("about:blank")  # another part of the same page would not load it
        chromium.get_log("browser")  # what pages before have left
        chromium.get(path.as_uri() + part)
        return chromium

    return browse
