"""Made-up submissions with their marks, and the page on them."""

from types import SimpleNamespace

from sknn_scratch._pages.classroom.page import class_page


def found(code, text="text"):
    return SimpleNamespace(code=code, text=text)


def submission(student, *, remarks=(), **mistakes):
    """A submission of two functions; given are the mistakes in one of them."""
    marks = [
        SimpleNamespace(
            function=name,
            points=0 if name in mistakes else 1.5,
            out_of=1.5,
            findings=mistakes.get(name, []),
            mistakes=mistakes.get(name, []),
        )
        for name in ("relu", "tanh")
    ]
    points = sum(mark.points for mark in marks)
    return SimpleNamespace(
        student=student,
        file=f"{student}.py",
        marks=marks,
        remarks=[*remarks],
        points=points,
    )


def page_of(*graded):
    return class_page("week3", [*graded], {"a": "Idea A.", "b": "Idea B."})
