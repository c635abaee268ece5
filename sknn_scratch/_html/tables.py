"""Tables as plain text and as HTML."""

from html import escape


def text_table(heads, rows, *, right=None, underlined=True):
    """Return a table as text, its columns side by side.

    Parameters
    ----------
    heads : list of str
        Names of the columns.
    rows : list of lists
        Values; None is left blank.
    right : list of bool, default=None
        Which columns are aligned to the right; None means those of numbers.
    underlined : bool, default=True
        Whether a line of dashes follows the heads.
    """
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    if right is None:
        columns = zip(*rows, strict=True) if rows else [()] * len(heads)
        right = map(_numeric, columns)
    align = [str.rjust if is_right else str.ljust for is_right in right]
    lines = [
        "  ".join(
            place(cell, width)
            for place, cell, width in zip(align, line, widths, strict=True)
        ).rstrip()
        for line in [heads, *cells]
    ]
    if underlined:
        lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def html_table(heads, rows):
    """Return a <table>; cells with numbers have the CSS class "number"."""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return f"<table>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def _cell(value):
    kind = ' class="number"' if _is_number(value) else ""
    return f"<td{kind}>{escape(_text(value))}</td>"


def _numeric(column):
    return any(map(_is_number, column)) and all(
        value is None or _is_number(value) for value in column
    )


def _is_number(value):
    return hasattr(value, "__float__") and not isinstance(value, bool)


def _text(value):
    if value is None:
        return ""
    whole = not _is_number(value) or hasattr(value, "__index__")
    return str(value) if whole else f"{value:.4g}"
