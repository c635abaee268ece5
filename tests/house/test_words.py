"""Docstrings begin with a verb and say what a function does."""

import ast
import pathlib
import re

import pytest

import sknn_scratch

ROOT = pathlib.Path(sknn_scratch.__file__).parent
FILES = sorted(p for p in ROOT.rglob("*.py") if "_engine" not in p.parts)
VERBS = set(
    re.findall(
        r"\w+",
        """
Add Adjust Advance Advise Allow Answer Append Apply Ask Assemble Assign Attach Average
Begin Bin Break Bring Build Call Cast Change Check Choose Clear Clip Close Collect
Combine Compare Compile Complete Compose Compress Compute Concatenate Configure Convert
Copy Count Cover Create Cut Decide Decode Decompress Delete Describe Detect Determine
Digest Discard Divide Do Download Draw Drop Embed Encode End Ensure Enter Escape
Estimate Evaluate Exclude Execute Expand Explain Export Extend Extract Factorise Fail
Fill Filter Find Finish Fit Flatten Flush Fold Follow Forget Format Gather Generate Get
Give Go Group Guard Guess Halve Hand Handle Hide Hold Ignore Import Include Inform
Initialise Insert Interpolate Invert Iterate Join Judge Keep Label Lay Learn Leave Let
Limit List Load Locate Lock Look Lower Make Map Mark Match Measure Merge Minimise Mix
Move Multiply Name Narrow Normalise Note Notify Observe Open Order Overwrite Pack Pad
Paint Parse Partition Pass Pause Perform Permute Pickle Place Plan Plot Point Predict
Prefer Prepare Print Probe Produce Promote Propose Prove Prune Publish Put Quote Raise
Rank Read Rebuild Recognise Recompute Record Reduce Refuse Register Reject Release
Remember Remove Rename Render Repeat Replace Report Request Require Reseed Reset Resize
Resolve Restore Restrict Resume Return Reverse Rewind Round Run Sample Save Say Scale
Score Search See Select Send Separate Serialise Set Shape Share Shorten Show Shuffle
Skip Slice Smooth Solve Sort Split Spread Stack Standardise Start State Step Stop Store
Stream Strip Submit Suggest Sum Summarise Suppress Switch Take Tell Test Tie Time Total
Trace Track Train Transform Translate Transpose Treat Trim Truncate Try Turn Undo Unfold
Unpack Update Use Validate Verify Wait Walk Warn Watch Weigh Widen Wrap Write Yield Zip
""",
    )
)


def functions(path):
    """The functions and methods of a file with their docstrings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node)
            if docstring:
                yield node, docstring


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_docstring_of_a_function_begins_with_a_verb(path):
    for node, docstring in functions(path):
        first = re.match(r"[A-Za-z]*", docstring)[0]
        assert first in VERBS, f"{node.name}, line {node.lineno}: {docstring[:60]}"
