"""Image files: which are read, how large they may be."""

import os
import struct
import zlib

import pytest

from sknn_scratch import __main__ as cli
from sknn_scratch._cli.readers import images

Image = pytest.importorskip("PIL.Image")

EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 9 9
%%EndComments
(/) (r) file pop
showpage
"""


@pytest.fixture
def photos(tmp_path):
    for name in "ab":
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "photos" / name / "0.png")
    return tmp_path / "photos"


def png_header(width, height):
    """A PNG that declares this size, with a checksum that is right, without pixels."""
    head = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    crc = struct.pack(">I", zlib.crc32(chunk))
    data = b"IDAT" + zlib.compress(b"")
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + crc
        + struct.pack(">I", len(data) - 4)
        + data
        + struct.pack(">I", zlib.crc32(data))
    )


@pytest.mark.parametrize("name", ["cat.png", "cat.jpg", "cat.tif"])
def test_an_eps_of_another_name_is_refused(refused, photos, monkeypatch, name):
    from PIL import EpsImagePlugin

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", None)  # would fail the test
    (photos / "a" / name).write_bytes(EPS)
    refused(photos, parts=[photos / "a" / name, "whole image, got: cannot identify"])


@pytest.mark.parametrize("kind", ["ICO", "TGA", "PCX", "SGI", "JPEG2000", "DDS"])
def test_other_formats_than_those_listed_are_refused(refused, photos, kind):
    path = photos / "a" / "x.png"
    Image.new("RGB", (16, 16)).save(path, format=kind)
    refused(photos, parts=[path, "must be a whole image"])


@pytest.mark.parametrize(
    "name", ["x.bmp", "x.gif", "x.jpg", "x.png", "x.pgm", "x.ppm", "x.tif", "x.webp"]
)
def test_the_formats_that_are_listed_are_read(convert, photos, name):
    image = Image.new("L" if name == "x.pgm" else "RGB", (4, 4))
    image.save(photos / "a" / name)
    assert len(convert(photos, "--test", "0")[0].X_train) == 3


def test_a_photo_of_several_views_is_read(convert, photos):
    views = [Image.new("RGB", (4, 4)) for _ in range(2)]  # as some cameras write them
    views[0].save(photos / "a" / "x.jpg", "MPO", save_all=True, append_images=views[1:])
    assert len(convert(photos, "--test", "0")[0].X_train) == 3


@pytest.mark.parametrize("size", [(13000, 13000), (2**26 + 1, 1), (2**13, 2**13 + 1)])
def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(
    refused, photos, size
):
    path = photos / "a" / "large.png"
    path.write_bytes(png_header(*size))
    refused(photos, parts=[path, f"at most {2**26} pixels, got {size[0]} x {size[1]}"])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_predict_refuses_what_convert_refuses(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in ("convert photos --out d.h5 --test 0", "train d.h5 --max-iter 1"):
        assert cli.main(words.split()) == 0
    (tmp_path / "cat.png").write_bytes(EPS)
    (tmp_path / "large.png").write_bytes(png_header(13000, 13000))
    for name, part in (("cat", "cannot identify"), ("large", "got 13000 x 13000")):
        capsys.readouterr()
        assert cli.main(["predict", "model.h5", f"{name}.png"]) == 2
        assert part in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
def test_a_fifo_as_image_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(ValueError, match="must be an image file, got another kind"):
        images.read_image(str(tmp_path / "x.png"), (4, 4), "L")


@pytest.mark.parametrize("size", ["99999", "4096x1025", "99999x43"])
def test_a_size_of_too_many_pixels_is_refused(capsys, size):
    with pytest.raises(SystemExit) as end:
        cli.main(["convert", "photos", "--out", "o.h5", "--size", size])
    assert end.value.code == 2
    assert f"at most {2**22} pixels, got {size!r}" in capsys.readouterr().err
