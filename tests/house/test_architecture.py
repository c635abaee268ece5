"""Who may import whom, and who may call whom: the layout, enforced."""

import ast
import graphlib
import pathlib
import subprocess
import sys

import pytest

import sknn_scratch
from sknn_scratch._cli.commands import COMMANDS

ROOT = pathlib.Path(sknn_scratch.__file__).parent
STANDARD = {*sys.stdlib_module_names, "sknn_scratch"}

# folder, or module of the root -> what of the package it may import, which libraries
MAY_IMPORT = {
    "_version": ("", ""),
    "_versions": ("_version", "numpy joblib threadpoolctl"),
    "_compat": ("", "sklearn"),
    "_engine": ("", "numpy"),
    "_rows": ("", "numpy scipy"),
    "_storage": ("", "numpy h5py"),
    "_html": ("_storage", "numpy"),
    "_training": ("_engine _rows _storage _version", "numpy scipy"),
    "distributed": ("_engine _rows _training", "numpy sklearn dask distributed"),
    "_fit": (
        "_engine _rows _training distributed _compat",
        "numpy scipy sklearn",
    ),
    "_estimators": (
        "_engine _rows _training distributed _fit _html _compat",
        "numpy scipy sklearn",
    ),
    "preprocessing": ("_rows _compat", "numpy sklearn"),
    "_tabular": (
        "_engine _rows _training _fit _estimators preprocessing _compat",
        "numpy scipy sklearn joblib threadpoolctl",
    ),
    "datasets": ("", "numpy sklearn pandas"),
    "hdf5": (
        "_engine _storage _fit _estimators _tabular _version preprocessing",
        "numpy sklearn",
    ),
    "search": (
        "_training _fit _estimators _tabular _compat",
        "numpy scipy sklearn optuna",
    ),
    "plotting": (
        "_engine _rows _training _fit _estimators _tabular preprocessing",
        "numpy scipy sklearn matplotlib",
    ),
    "export": (
        "_engine _fit _estimators _tabular _html _version preprocessing",
        "numpy sklearn onnx skl2onnx",
    ),
    "inspection": (
        "_engine _rows _training _fit _estimators _tabular _html _compat datasets "
        "preprocessing",
        "numpy scipy sklearn matplotlib threadpoolctl",
    ),
    "_pages": (
        "_html _fit _estimators _version inspection export hdf5 preprocessing",
        "numpy scipy sklearn",
    ),
    "_cli": (
        "_engine _storage _training _estimators _html _pages _version _versions "
        "inspection hdf5 export search plotting preprocessing datasets __init__",
        "numpy sklearn matplotlib typer rich PIL threadpoolctl joblib pandas pyarrow",
    ),
    "__init__": ("_estimators _tabular _version _versions", "sklearn"),
    "__main__": ("_cli", ""),
}
FILES = sorted(ROOT.rglob("*.py"))


def name_of(path):
    """The dotted name of a file within the package, "__init__" for the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


NAMES = {name_of(path): path for path in FILES}


def folder_of(name):
    return name.split(".")[0]


def imports(path):
    """Modules of the package, by dotted name, and libraries that a file imports.

    Wherever the import stands, inside functions, too.
    """
    own, libraries = set(), set()
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            libraries |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            words = node.module.split(".") if node.module else []
            if node.level:
                base = [*package[: len(package) - node.level + 1], *words]
            elif words[0] == "sknn_scratch":
                base = words[1:]
            else:
                libraries.add(words[0])
                continue
            for alias in node.names:
                inner = ".".join([*base, alias.name])
                own.add(inner if inner in NAMES else ".".join(base) or "__init__")
    return own, libraries - STANDARD


def test_every_folder_has_its_line_in_the_table():
    assert {folder_of(name) for name in NAMES} <= set(MAY_IMPORT)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_keep_to_the_table(folder):
    own, libraries = (set(names.split()) for names in MAY_IMPORT[folder])
    for name, path in NAMES.items():
        if folder_of(name) == folder:
            ours, others = imports(path)
            assert {folder_of(module) for module in ours} <= own | {folder}, name
            assert others <= libraries, name


def test_no_module_imports_itself_over_others():
    graph = {name: imports(path)[0] - {name} for name, path in NAMES.items()}
    tuple(graphlib.TopologicalSorter(graph).static_order())  # or a CycleError names it


def test_no_command_imports_another():
    commands = {f"_cli.{name}" for name in COMMANDS}
    for name in commands:
        assert not imports(NAMES[name])[0] & commands, name


def test_a_private_folder_says_in_one_sentence_what_it_is_and_nothing_else():
    for name, path in NAMES.items():
        private = any(part.startswith("_") for part in name.split("."))
        if path.name == "__init__.py" and private and name != "__init__":
            (docstring,) = ast.parse(path.read_text()).body
            assert docstring.value.value.count(".") == 1, name


def users(name):
    """Functions of the package in which that name is used, called or handed on."""
    found = []
    for module, path in NAMES.items():
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                inside = list(ast.walk(function))
                names = {n.id for n in inside if isinstance(n, ast.Name)}
                names |= {
                    n.attr
                    for n in inside
                    if isinstance(n, ast.Attribute)
                    and getattr(n.value, "id", "") == "propagation"
                }
                if name in names:
                    found.append(f"{module}.{function.name}")
    return found


def callers(method):
    """Functions of the package that call an attribute of that name."""
    return [
        f"{module}.{function.name}"
        for module, path in NAMES.items()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        and any(
            isinstance(node, ast.Call) and getattr(node.func, "attr", "") == method
            for node in ast.walk(function)
        )
    ]


def test_exactly_one_function_calls_backward():
    assert users("backward") == ["_training.objective.__init__"]  # which gives it to
    assert callers("backward") == ["_training.objective.__call__"]


def test_forward_is_called_in_the_objective_s_module_only():
    assert {name.rpartition(".")[0] for name in users("forward")} == {
        "_training.objective"
    }


def test_only_modules_of_storage_import_h5py():
    users = [name for name, path in NAMES.items() if "h5py" in imports(path)[1]]
    names = ("chunks", "hdf5_checks", "store")
    assert sorted(users) == [f"_storage.{name}" for name in names]


def test_one_module_takes_pipelines_apart_and_three_build_them():
    opens, build = (
        "_estimators.access",
        {"_cli.demo", "_cli.tables.models", "_cli.training", "hdf5._containers"},
    )
    users = set()
    for module, path in NAMES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "sklearn.pipeline":
                users.add(module)
            if isinstance(node, ast.Call) and module != opens:
                looked_for = [a.value for a in node.args if isinstance(a, ast.Constant)]
                by_name = getattr(node.func, "id", "") in {"hasattr", "getattr"}
                assert not (by_name and "steps" in looked_for), module
            assert getattr(node, "attr", "") != "named_steps", module
    assert users == {opens, *build}


def test_scikit_learn_s_private_names_are_in_compat_only():
    for module, path in NAMES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and not node.level:
                private = any(
                    part.startswith("_")
                    for part in (*node.module.split("."), *(a.name for a in node.names))
                    if part != "__future__"
                )
                sklearn = node.module.split(".")[0] == "sklearn"
                assert not (sklearn and private) or module == "_compat", module


def test_importing_the_package_leaves_files_and_pictures_alone():
    # scikit-learn itself imports rich and pandas where they are installed
    later = {"h5py", "matplotlib", "rich", "PIL", "pandas", "polars", "dask"}
    later |= {"distributed", "skl2onnx", "onnx", "onnxruntime", "optuna"}
    code = (
        "import sys, sklearn.model_selection; before = set(sys.modules);"
        "import sknn_scratch; new = set(sys.modules) - before;"
        f"print(sorted({later} & new))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_public_names_are_there():
    for name in sknn_scratch.__all__:
        assert getattr(sknn_scratch, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sknn_scratch.nothing  # noqa: B018  (the look-up is the test)
