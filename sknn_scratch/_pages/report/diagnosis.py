"""Section of the report on what `diagnose` finds."""

from html import escape

from .answers import learner
from .measures import sentence

OF_TRAINING_ROWS = {
    "underfitting",
    "overfitting",
}  # findings that are valid on training rows only
NOT_DONE = "Not looked for"


def diagnosis(findings, notes):
    """Return the section: findings with their advice, and notes on the rest."""
    said = "".join(f'<p class="quiet">{sentence(note)}</p>\n' for note in notes)
    if not findings and not any(note.startswith(NOT_DONE) for note in notes):
        said = f"<p>Nothing to say.</p>\n{said}"
    if not findings:
        return said
    items = "".join(
        f"<li><p><strong>{sentence(finding.text)}</strong></p>"
        f"<p>{sentence(finding.advice)}</p>"
        f'<p class="quiet"><code>{escape(finding.code)}</code>{_layer(finding)}</p>'
        "</li>\n"
        for finding in findings
    )
    return f'<ul class="findings">\n{items}</ul>\n{said}'


def findings_of(subject):
    """Return what `diagnose` finds, and notes on what it looked at."""
    try:
        return diagnosed(subject)
    except (TypeError, ValueError) as error:  # not the rows of the training
        return [], [f"{NOT_DONE}: {error}"]


def diagnosed(subject):
    """Return what `diagnose` finds, and its notes; raise its errors."""
    from ...inspection._diagnosis.diagnose import diagnose

    if subject.train is None:
        if hasattr(learner(subject.model), "members_"):
            raise ValueError(
                f"an ensemble is judged by its training rows. {subject.lacks}"
            )
        found = diagnose(subject.model, *subject.rows)
        kept = [f for f in found.findings if f.code not in OF_TRAINING_ROWS]
        return kept, [
            "The data file has no train set: looked for with the test set, which says "
            "nothing of how well the network fits the rows it learned from",
            *found.notes(),
        ]
    held_out = subject.rows if subject.part == "test" else (None, None)
    val = dict(zip(("X_val", "y_val"), held_out, strict=True))
    found = diagnose(subject.model, *subject.train, **val)
    return found.findings, found.notes()


def _layer(finding):
    return "" if finding.layer is None else f", layer {escape(str(finding.layer))}"
