"""Texts that all exports to C share."""

from ._network import utf8_of

CLASS_NAME = """\
/* what class k is called */
static inline const char *${name}_class_name(int k)
{
    static const char *const names[$n_outputs] = {$names};
    return names[k];
}

"""


def float_literal(value):
    """Return a float32 as a literal in C."""
    digits = f"{value:.9g}"
    return f"{digits}f" if {".", "e"} & {*digits} else f"{digits}.0f"


def string_literal(text):
    """Return a string literal in C, with other than ASCII as bytes of UTF-8."""
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
        for byte in utf8_of(text, "C")
    )
    return f'"{plain}"'
