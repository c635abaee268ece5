"""Tables of what was found out, as plain text and as HTML."""

from html import escape


def text_table(heads, rows):
    """Columns side by side: texts to the left, numbers to the right."""
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    right = [_numeric(column) for column in zip(*rows, strict=True)] or [False] * len(
        heads
    )
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in [heads, *cells]
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def html_table(heads, rows):
    """A <table>; numbers have the class "number"."""
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
