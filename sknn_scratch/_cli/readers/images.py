"""Reader of a folder of images, and of one image."""

import math
import os
import warnings
from contextlib import contextmanager

import numpy as np

from ..._storage.texts import printable
from .common import LabelledBlocks, Source, block_length

IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif")
IMAGES += (".tiff", ".webp")
# without this list Pillow tries all formats: an EPS starts Ghostscript
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
ORIENTATION = 0x0112  # Exif tag; from 5 on width and height are exchanged
MOST_OWN_PIXELS = 2**16  # larger images are made 64 x 64 unless --size is given
MOST_NAMED = 20  # broken images
MOST_PIXELS = 2**26  # of an image file: 8192 x 8192, up to 270 MB when decoded


def read_folder(arguments, rng, show):
    """Return the Source of a folder; image files are read block by block."""
    source = arguments.source
    import_pillow(source)
    files = image_files(source)
    if not files:
        raise ValueError(
            f"{source} must have a sub-folder of images for each class, got none."
        )
    classes = list(files)
    pairs = [(path, k) for k, name in enumerate(classes) for path in files[name]]
    width_height, mode, pairs = layout(arguments, pairs, show)
    labels = np.array([label for _, label in pairs], dtype=np.int64)
    missing = np.setdiff1d(np.arange(len(classes)), labels)
    if len(missing):
        raise ValueError(
            f"{os.path.join(source, classes[missing[0]])} must hold whole images, got "
            "only broken ones."
        )
    order = rng.permutation(len(pairs))  # a file sorted by class trains badly from disk

    def blocks():
        step = block_length(math.prod(width_height) * len(mode))
        for start in range(0, len(order), step):
            paths = [pairs[i][0] for i in order[start : start + step]]
            try:
                rows = [read_image(path, width_height, mode) for path in paths]
            except ValueError as error:
                raise may_be_left_out(error) from None
            yield np.stack(rows)

    return Source(classes, [LabelledBlocks(labels[order], blocks)])


def may_be_left_out(error):
    """Return the error about an image, with the option that leaves it out."""
    return ValueError(f"{str(error).rstrip('.')}; --skip-broken leaves it out.")


def image_files(source):
    """Return {class: paths of its images}; print how many other files there are."""
    files, others = {}, []
    for entry in visible(source):
        if not entry.is_dir():
            others.append(entry.path)
            continue
        found = []
        for inner in visible(entry.path):
            good = inner.name.lower().endswith(IMAGES) and inner.is_file()
            (found if good else others).append(inner.path)
        if not found:
            raise ValueError(
                f"{entry.path} must hold images ({' '.join(IMAGES)}), got none; every "
                f"sub-folder of {source} is a class."
            )
        files[entry.name] = found
    if others:
        first = printable(others[0])
        print(f"Left out {len(others)} that are no images: {first}, ...")
    return files


def layout(arguments, pairs, show):
    """Return size, mode and those of the pairs (path, label) that are kept.

    What is not given as an option is taken from the pictures, with a printed line.
    """
    sizes, modes, kept, broken = set(), set(), [], []
    for number, (path, label) in enumerate(pairs):
        try:
            size, grey = look_at(path, decode=arguments.skip_broken)
        except ValueError as error:
            if not arguments.skip_broken:
                raise may_be_left_out(error) from None
            broken.append(str(error))
            continue
        sizes.add(size)
        modes.add("L" if grey else "RGB")
        kept.append((path, label))
        if arguments.skip_broken:
            show("images (looked at)", number + 1, len(pairs))
    for error in broken[:MOST_NAMED]:
        print(f"Left out: {printable(error)}")
    if len(broken) > MOST_NAMED:
        print(f"Left out {len(broken) - MOST_NAMED} more broken images.")
    size, said = arguments.size, []
    if size is None:
        own = len(sizes) == 1 and math.prod(*sizes) <= MOST_OWN_PIXELS
        [size] = sizes if own else [(64, 64)]
        differ = "they differ" if len(sizes) > 1 else "theirs is large"
        said.append(f"{size[0]}x{size[1]}, {'as they are' if own else differ}")
    mode = "RGB" if "RGB" in modes and not arguments.grey else "L"
    if arguments.colour:
        mode = "RGB"
    elif not arguments.grey:
        said.append("grey, as they are" if mode == "L" else "in colour")
    if said:
        print(
            f"Images become {' and '.join(said)} (--size, --grey and --colour decide)."
        )
    return size, mode, kept


def look_at(path, *, decode):
    """Return size and whether it is grey of an image; decode it if asked for."""
    with pillow_errors(path), open_image(path) as image:
        # of a PNG without Exif at its beginning, getexif() decodes the image
        known = image.format != "PNG" or "exif" in image.info
        upright = not known or image.getexif().get(ORIENTATION, 1) < 5
        size = image.size if upright else image.size[::-1]
        grey = image.mode[0] in "1LIF" and image.mode != "LAB"
        if decode:
            decoded(image, path, "L")
        return size, grey


def visible(folder):
    """Return the entries of a folder sorted by name, without hidden ones."""
    entries = [e for e in os.scandir(folder) if not e.name.startswith(".")]
    return sorted(entries, key=lambda entry: entry.name)


def import_pillow(source):
    """Return Pillow's Image; raise ValueError if Pillow is missing."""
    try:
        from PIL import Image
    except ImportError:
        raise ValueError(
            f"{source} needs Pillow to be read: pip install pillow."
        ) from None
    return Image


def read_image(path, width_height, mode):
    """Return pixels as uint8, of shape (h, w) for mode "L", (h, w, 3) for "RGB"."""
    Image = import_pillow(path)
    with pillow_errors(path), open_image(path) as image:
        image = decoded(image, path, mode)
        if image.size != width_height:
            image = image.resize(width_height, Image.Resampling.BILINEAR)
        return np.asarray(image)


@contextmanager
def pillow_errors(path):
    """Turn what Pillow raises into a ValueError of one line that names the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about size and metadata; damage raises
            yield
    except NotUsable:
        raise
    except Exception as error:  # damaged files make Pillow raise nearly any type
        words = getattr(error, "strerror", None) or str(error) or repr(error)
        words = words.split(" '")[0]  # Pillow repeats the path
        raise ValueError(f"{path} must be a whole image, got: {words:.150}.") from None


class NotUsable(ValueError):
    """An image that is whole, but refused."""


def open_image(path):
    """Return Pillow's image, not decoded yet; refuse other formats and large images."""
    if not os.path.isfile(path):
        raise NotUsable(f"{path} must be an image file, got another kind of file.")
    image = import_pillow(path).open(path, formats=FORMATS)
    width, height = image.size
    if width * height > MOST_PIXELS:
        image.close()
        raise NotUsable(
            f"{path} must have at most {MOST_PIXELS} pixels, got {width} x {height}; "
            "make it smaller."
        )
    return image


def decoded(image, path, mode):
    """Return the image decoded, upright, with 8 bits, on white, in the mode."""
    Image = import_pillow(path)
    from PIL import ImageOps

    image.load()
    is_png = image.format == "PNG"
    image = ImageOps.exif_transpose(image)  # by its orientation tag
    if image.mode[0] in "IF":  # more than 8 bits: convert() would clip them
        if image.mode == "F" or (image.mode == "I" and not is_png):
            raise NotUsable(f"{path} must have 8 or 16 bits, got mode {image.mode}.")
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)
