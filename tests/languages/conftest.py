"""Exported networks where they go: C, JavaScript, ONNX.

Left out where a compiler, Node.js or onnxruntime is missing.
"""

import importlib.util
import shutil

ONNX = all(map(importlib.util.find_spec, ("skl2onnx", "onnxruntime")))
collect_ignore = [
    file
    for file, there in {
        "test_c.py": shutil.which("gcc") and shutil.which("g++"),
        "test_javascript.py": shutil.which("node"),
        "test_live_engine.py": shutil.which("node"),
        "test_live_python.py": shutil.which("node"),
        "test_look_model.py": shutil.which("node"),
        "test_onnx.py": ONNX,
        "test_onnx_tables.py": ONNX,
    }.items()
    if not there
]
