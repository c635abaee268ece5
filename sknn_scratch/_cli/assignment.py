"""`sknn-scratch assignment`: write a programming assignment of the course."""

import os
import secrets
from pathlib import Path

from .console import note, say
from .options import COURSE_WEEKS

NEXT = {
    "notebook": "Give student/ to the students. Then mark their files:\n  {grade}",
    "pytest": "Give student/ to the students. Then mark their files:\n  {grade}",
    "nbgrader": "Next:\n  cd {out}; nbgrader generate_assignment {week}",
    "otter": "Next:\n  cd {out}; otter assign {week}.ipynb dist",
}


def run_assignment(arguments):
    """Write the files of the format, and assignment.json."""
    from .app import did_you_mean
    from .classroom.assignment import (
        LARGEST_SEED,
        make_assignment,
        write_assignment,
    )
    from .classroom.formats import FORMATS

    week, out = arguments.week, Path(arguments.out)
    if week not in COURSE_WEEKS:
        raise ValueError(
            f"WEEK must be one of {', '.join(COURSE_WEEKS)}, got {week!r}"
            f"{did_you_mean(week, COURSE_WEEKS)}"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(
            f"--out {out} must be a new or an empty folder, so that nothing is "
            "overwritten."
        )
    seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"--seed must be from 0 to {LARGEST_SEED}, got {seed}.")
    assignment = make_assignment(week, seed)
    files = FORMATS[arguments.format](assignment)
    for path, text in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
    write_assignment(out, assignment)
    total = sum(assignment.points.values())
    say(f"Wrote {len(files) + 1} files to {out}: {total} points.")
    for path in files:
        say(f"  {os.path.join(out, path)}")
    note(f"{out / 'assignment.json'} has the seed {seed}: keep it from the students.")
    grade = f"sknn-scratch grade SUBMISSIONS --assignment {out}"
    say(NEXT[arguments.format].format(grade=grade, out=out, week=week))
    return {"folder": str(out), "files": [*files, "assignment.json"], "seed": seed}
