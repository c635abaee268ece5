"""Section of the report on what `diagnose` finds."""

from html import escape

from .answers import learner
from .measures import sentence

OF_TRAINING_ROWS = {"underfitting"}  # findings that are valid on training rows only


def diagnosis(subject):
    """Return the findings of `diagnose` with their advice."""
    try:
        findings, where = findings_of(subject)
    except (TypeError, ValueError) as error:  # not the rows of the training
        return f"<p>Not looked for: {sentence(str(error))}</p>\n"
    if not findings:
        return f'<p>Nothing to say. <span class="quiet">{where}</span></p>\n'
    items = "".join(
        f"<li><p><strong>{sentence(finding.text)}</strong></p>"
        f"<p>{sentence(finding.advice)}</p>"
        f'<p class="quiet"><code>{escape(finding.code)}</code>{_layer(finding)}</p>'
        "</li>\n"
        for finding in findings
    )
    return f'<ul class="findings">\n{items}</ul>\n<p class="quiet">{where}</p>\n'


def findings_of(subject):
    """Return the findings, and a sentence on the rows in which they were looked for."""
    from ...inspection._diagnosis.diagnose import diagnose

    ensemble = hasattr(learner(subject.model), "members_")
    if subject.train is None and not ensemble:
        found = diagnose(subject.model, *subject.rows).findings
        return [f for f in found if f.code not in OF_TRAINING_ROWS], (
            "The data file has no train set: looked for with the test set, which says "
            "nothing of how well the network fits the rows it learned from."
        )
    if subject.train is None:
        raise ValueError(
            "an ensemble is judged by its training rows, and the data has none"
        )
    if ensemble:
        return diagnose(subject.model, *subject.train).findings, (
            "Looked for with the train set and the predictions of the rows that the "
            "members held out."
        )
    held_out = subject.rows if subject.part == "test" else (None, None)
    val = dict(zip(("X_val", "y_val"), held_out, strict=True))
    where = "Looked for with the train set"
    where += (
        " and, for over-fitting, the test set." if val["X_val"] is not None else "."
    )
    return diagnose(subject.model, *subject.train, **val).findings, where


def _layer(finding):
    return "" if finding.layer is None else f", layer {escape(str(finding.layer))}"
