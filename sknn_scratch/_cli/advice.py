"""Advice in terms of Python's parameters, said with the options of the command line."""

import re

from .options import OF_TRAIN

FLAGS = {option.parameter: option for option in OF_TRAIN}
PARAMETER = re.compile(rf"\b({'|'.join(FLAGS)})\b(?:=('?)([\w.]+)\2)?")
THRESHOLD = "lower the threshold"


def for_command_line(text):
    """Return a text with `max_iter=400` as `--max-iter 400`, and the like.

    A name without a value is a parameter only if it has an underscore: `alpha` may be a
    word.
    """

    def as_option(found):
        name, _, value = found.groups()
        option = FLAGS[name]
        if value is None:
            return option.flags[0] if "_" in name else name
        return option.flags[0] if option.kind is None else f"{option.flags[0]} {value}"

    text = PARAMETER.sub(as_option, text)
    return text.replace(THRESHOLD, f"{THRESHOLD} (--threshold of predict)")
