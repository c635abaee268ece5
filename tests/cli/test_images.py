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
    assert cli.main(["convert", "photos", "--out", "o.h5", "--size", size]) == 2
    assert f"at most {2**22} pixels, got {size!r}" in capsys.readouterr().err


# -- size and channels, and broken images ----------------------------------------------


def fill(folder, *made):
    """Write (mode, size) images into two classes of a folder, anew."""
    for name in "ab":
        (folder / name).mkdir(parents=True)
        for i, (mode, size) in enumerate(made):
            Image.new(mode, size).save(folder / name / f"{i}.png")
    return folder


@pytest.mark.parametrize(
    ("made", "options", "shape"),
    [
        ([("L", (28, 28))], [], (28, 28)),
        ([("L", (5, 7))] * 3, [], (7, 5)),
        ([("1", (9, 9)), ("L", (9, 9)), ("LA", (9, 9))], [], (9, 9)),
        ([("I;16", (9, 9))], [], (9, 9)),
        ([("L", (9, 9)), ("RGB", (9, 9))], [], (9, 9, 3)),
        ([("P", (9, 9))], [], (9, 9, 3)),
        ([("L", (9, 9)), ("L", (9, 8))], [], (64, 64)),
        ([("RGB", (300, 300))], [], (64, 64, 3)),
        ([("L", (28, 28))], ["--colour"], (28, 28, 3)),
        ([("RGB", (28, 28))], ["--grey"], (28, 28)),
        ([("L", (28, 28))], ["--size", "8"], (8, 8)),
    ],
)
def test_size_and_channels_are_those_of_the_images(
    convert, tmp_path, made, options, shape
):
    folder = fill(tmp_path / "made", *made)
    data, said = convert(folder, *options, "--test", "0")
    assert data.X_train.shape[1:] == shape
    assert "--size, --grey and --colour decide" in said
    words = f"{shape[1]}x{shape[0]}, "
    assert (words in said) == ("--size" not in options)


def test_an_image_held_upright_has_its_size_exchanged(convert, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in "ab":
        (tmp_path / "made" / name).mkdir(parents=True)
        Image.new("L", (9, 5)).save(tmp_path / "made" / name / "x.jpg", exif=exif)
    assert convert(tmp_path / "made", "--test", "0")[0].X_train.shape[1:] == (9, 5)


BROKEN = {"cut": lambda whole: whole[: len(whole) // 2], "empty": lambda _: b""}
BROKEN |= {"eps": lambda _: EPS, "large": lambda _: png_header(13000, 13000)}


@pytest.mark.parametrize("damage", BROKEN)
def test_a_broken_image_is_named_and_left_out_if_asked_for(
    convert, refused, photos, damage
):
    path = photos / "a" / "bad.png"
    Image.effect_noise((40, 40), 50).convert("RGB").save(path)
    path.write_bytes(BROKEN[damage](path.read_bytes()))
    refused(photos, parts=[path, "; --skip-broken leaves it out."])
    data, said = convert(photos, "--skip-broken", "--test", "0")
    assert f"Left out: {path} must " in said
    assert data.X_train.shape == (2, 4, 4, 3)
    assert sorted(data.y_train) == [0, 1]


def test_a_class_of_broken_images_is_refused(refused, photos):
    (photos / "a" / "0.png").write_bytes(b"")
    refused(photos, "--skip-broken", parts=[photos / "a", "got only broken ones"])


def test_of_many_broken_images_twenty_are_named(convert, photos):
    for i in range(30):
        (photos / "a" / f"bad{i}.png").write_bytes(b"")
    said = convert(photos, "--skip-broken", "--test", "0")[1]
    assert said.count("Left out: ") == 20
    assert "Left out 10 more broken images." in said
