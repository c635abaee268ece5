"""Reader of a folder of images, and of one image."""

import array
import math
import os
import warnings
from contextlib import contextmanager

import numpy as np

from .common import LabelledBlocks, Source, block_length

IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif")
IMAGES += (".tiff", ".webp")
# without this list Pillow tries all formats: an EPS starts Ghostscript
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
MOST_PIXELS = 2**26  # of an image file: 8192 x 8192, up to 270 MB when decoded


def read_folder(arguments, rng, show):
    """Return the Source of a folder; image files are read block by block."""
    source = arguments.source
    import_pillow(source)
    classes, names, labels, others = [], [], array.array("q"), []
    for entry in visible(source):
        if not entry.is_dir():
            others.append(entry.path)
            continue
        before = len(names)
        for inner in visible(entry.path):
            if inner.name.lower().endswith(IMAGES) and inner.is_file():
                names.append(inner.name)
                labels.append(len(classes))
            else:
                others.append(inner.path)
        if len(names) == before:
            raise ValueError(
                f"{entry.path} must hold images ({' '.join(IMAGES)}), got none; every "
                f"sub-folder of {source} is a class."
            )
        classes.append(entry.name)
    if not classes:
        raise ValueError(
            f"{source} must have a sub-folder of images for each class, got none."
        )
    if others:
        print(f"Left out {len(others)} that are no images: {others[0]}, ...")
    labels = np.array(labels)
    order = rng.permutation(len(names))  # a file sorted by class trains badly from disk
    width_height = arguments.size or (64, 64)
    mode = "L" if arguments.grey else "RGB"

    def blocks():
        step = block_length(math.prod(width_height) * len(mode))
        for start in range(0, len(order), step):
            yield np.stack(
                [
                    read_image(
                        os.path.join(source, classes[labels[i]], names[i]),
                        width_height,
                        mode,
                    )
                    for i in order[start : start + step]
                ]
            )

    return Source(classes, [LabelledBlocks(labels[order], blocks)])


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
