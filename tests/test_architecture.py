"""Who may import whom, and who may call whom: the layout, enforced."""

import ast
import pathlib
import subprocess
import sys

import pytest

import sknn_scratch

FOLDER = pathlib.Path(sknn_scratch.__file__).parent

# module -> the package's modules it may import, the libraries it may import
COURSE = {"numpy"}
TRAINING = {"numpy", "scipy"}
ESTIMATOR = {"numpy", "scipy", "sklearn"}
ENGINE = {
    "_memory",
    "_activations",
    "_losses",
    "_initializers",
    "_optimizers",
    "_propagation",
    "_disk",
    "_batches",
    "_schedules",
    "_state",
    "_steps",
    "_objective",
    "_watch",
    "_training",
    "_newton",
}
MAY_IMPORT = {
    "_memory": (set(), COURSE),
    "_activations": ({"_memory"}, COURSE),
    "_initializers": (set(), COURSE),
    "_optimizers": ({"_memory"}, COURSE),
    "_propagation": (set(), COURSE),
    "_losses": ({"_activations", "_memory"}, COURSE),
    "_disk": (set(), TRAINING),
    "_batches": ({"_disk"}, TRAINING),
    "_schedules": (set(), COURSE),
    "_state": (set(), COURSE),
    "_steps": (set(), TRAINING),
    "_objective": ({"_memory", "_propagation", "_batches", "_disk"}, TRAINING),
    "_watch": ({"_state"}, TRAINING),
    "_training": (set(), TRAINING),
    "_newton": (
        {"_batches", "_memory", "_objective", "_propagation", "_watch"},
        TRAINING,
    ),
    "_compat": (set(), {"sklearn"}),
    "_docs": ({"_activations", "_losses", "_optimizers"}, set()),
    "_version": (set(), set()),
    "_solvers": (ENGINE, set()),
    "_rows": ({"_compat", "_disk", "distributed"}, ESTIMATOR),
    "distributed": (
        {"_activations", "_batches", "_disk", "_newton", "_objective", "_worker"},
        {"dask", "distributed", "numpy", "sklearn"},
    ),
    "_worker": (ENGINE, TRAINING),
    "_advice": (set(), TRAINING),
    "_run": (ENGINE | {"_solvers"}, TRAINING),
    "_hooks": ({"_optimizers"}, {"numpy", "sklearn"}),
    "_fitting": (
        ENGINE | {"_checkpoint", "_hooks", "_rows", "_run", "_solvers"},
        ESTIMATOR,
    ),
    "_base": (
        {"_advice", "_compat", "_disk", "_fitting", "_objective", "_propagation"}
        | {"_diagram", "_layers", "_rows", "distributed"},
        ESTIMATOR,
    ),
    "_hidden": (ENGINE | {"_compat", "_base", "_hooks", "_solvers"}, ESTIMATOR),
    "_labels": (ENGINE | {"_base"}, ESTIMATOR),
    "_classifiers": (
        ENGINE | {"_compat", "_docs", "_base", "_fitting", "_hidden", "_labels"},
        ESTIMATOR,
    ),
    "_regressors": (
        ENGINE | {"_compat", "_docs", "_base", "_fitting", "_hidden"},
        ESTIMATOR,
    ),
    "_logistic": (
        ENGINE | {"_compat", "_docs", "_base", "_hooks", "_labels", "_solvers"},
        ESTIMATOR,
    ),
    "_inside": ({"_base", "_disk", "_fitting"}, {"numpy", "sklearn"}),
    "_signals": ({"_fitting", "_inside", "_optimizers", "_sampling"}, TRAINING),
    "_symptoms": ({"_advice"}, COURSE),
    "_outcome": ({"_symptoms"}, COURSE),
    "_diagnose": ({"_outcome", "_signals", "_symptoms"}, set()),
    "_layers": ({"_losses"}, {"numpy"}),
    "_diagram": (set(), set()),
    "_summary": ({"_diagram", "_inside", "_layers", "_tables"}, {"sklearn"}),
    "_compare": (
        {"_advice", "_batches", "_endings", "_inside", "_sampling", "_tables"}
        | {"_watch"},
        {"numpy", "sklearn", "matplotlib"},
    ),
    "_lessons": (
        {"_classifiers", "_compare", "_inside", "_logistic", "_regressors", "_tables"}
        | {"datasets"},
        {"numpy", "sklearn", "matplotlib"},
    ),
    "_endings": (set(), set()),
    "_sampling": (set(), {"numpy", "scipy"}),
    "_tables": (set(), set()),
    "_atomic": (set(), set()),
    "_page": ({"_atomic"}, set()),
    "_command_export": (
        {"_atomic", "_command_predict", "_command_train", "_export_c"}
        | {"_export_javascript", "_export_python", "_model_file", "_store", "export"},
        {"numpy"},
    ),
    "_gradient_check": (
        {"_batches", "_inside", "_objective", "_propagation", "_tables"},
        {"numpy", "sklearn"},
    ),
    "_record": ({"_batches", "_propagation"}, {"numpy", "scipy"}),
    "_explain": (
        {"_inside", "_optimizers", "_propagation", "_record", "_solvers", "_steps"}
        | {"_tables"},
        {"numpy", "scipy"},
    ),
    "_findings": (set(), set()),
    "_course_functions": (
        {"_activations", "_initializers", "_losses", "_objective", "_optimizers"}
        | {"_propagation"},
        COURSE,
    ),
    "_mistakes": ({"_course_functions"}, COURSE),
    "_trial": ({"_findings"}, COURSE),
    "_judge": (
        {"_course_functions", "_gradient_check", "_initializers", "_mistakes"}
        | {"_trial"},
        COURSE,
    ),
    "_use_in": (
        {"_activations", "_course_functions", "_inside", "_losses", "_solvers"}
        | {"_trial"},
        ESTIMATOR,
    ),
    "_check_my": (
        {"_course_functions", "_findings", "_judge", "_trial", "_use_in"},
        COURSE,
    ),
    "inspection": (
        {"_check_my", "_compare", "_diagnose", "_explain", "_findings"}
        | {"_gradient_check", "_lessons", "_summary"},
        set(),
    ),
    "_spaces": ({"_base", "_hooks", "_solvers"}, {"numpy", "scipy"}),
    "_pruning": (set(), {"numpy", "optuna"}),
    "_tuning": ({"_spaces", "_watch"}, {"numpy", "sklearn"}),
    "search": ({"_pruning", "_spaces"}, set()),
    "preprocessing": ({"_compat", "_disk"}, ESTIMATOR),
    "datasets": (set(), ESTIMATOR),
    "_checkpoint": ({"_state", "_store", "_version"}, TRAINING),
    "_h5_checks": (set(), {"numpy", "h5py"}),
    "_store": ({"_atomic", "_h5_checks"}, {"numpy", "h5py"}),
    "_plain_values": (set(), {"numpy"}),
    "_model_checks": ({"_activations", "_plain_values"}, {"numpy"}),
    "_model_file": (
        {"__init__", "_losses", "_model_checks", "_plain_values", "_propagation"}
        | {"_store", "_version", "preprocessing"},
        {"numpy", "sklearn"},
    ),
    "hdf5": ({"_store", "_model_file"}, {"numpy", "sklearn"}),
    "_displays": (set(), {"numpy", "matplotlib"}),
    "_display_curves": ({"_displays"}, {"numpy", "sklearn", "matplotlib"}),
    "_display_mistakes": ({"_displays"}, {"numpy", "sklearn"}),
    "_display_weights": (
        {"_displays", "_inside", "preprocessing"},
        {"numpy", "sklearn", "matplotlib"},
    ),
    "_display_activations": (
        {"_activations", "_displays", "_inside", "_losses", "_objective"}
        | {"_propagation", "_solvers"},
        {"numpy", "sklearn", "matplotlib"},
    ),
    "_display_graph": (
        {"_activations", "_batches", "_displays", "_inside", "_record"},
        ESTIMATOR,
    ),
    "_display_search": ({"_displays"}, {"numpy", "sklearn"}),
    "_display_importance": (
        {"_display_search", "_displays", "_value_axis"},
        ESTIMATOR,
    ),
    "_value_axis": ({"_display_search"}, {"numpy"}),
    "plotting": (
        {"_display_activations", "_display_curves", "_display_graph"}
        | {"_display_importance", "_display_mistakes", "_display_search"}
        | {"_display_weights"},
        set(),
    ),
    "__init__": (
        {"_classifiers", "_doctor", "_logistic", "_regressors", "_version"},
        {"sklearn"},
    ),
    "_doctor": (set(), {"numpy", "joblib", "threadpoolctl"}),
    "_command_doctor": ({"_doctor", "_terminal"}, set()),
    "_terminal": (set(), {"rich"}),
    "_command_demo": (
        {"__init__", "_terminal", "_watch", "datasets", "hdf5", "preprocessing"}
        | {"plotting"},
        {"numpy", "sklearn", "threadpoolctl", "matplotlib"},
    ),
    "_formula": (set(), set()),
    "_exported": (
        {"_activations", "_inside", "_losses", "_version", "preprocessing"},
        {"numpy", "sklearn"},
    ),
    "_export_c": ({"_exported", "_formula"}, {"numpy"}),
    "_export_javascript": ({"_exported", "_formula", "_page"}, {"numpy"}),
    "_export_python": ({"_exported", "_formula"}, set()),
    "_export_onnx": (
        {"__init__", "_exported", "_formula", "preprocessing"},
        {"numpy", "onnx", "skl2onnx", "sklearn"},
    ),
    "export": (
        {"_export_c", "_export_javascript", "_export_onnx", "_export_python"},
        {"numpy"},
    ),
    "_plane": (set(), {"numpy"}),
    "_recording": ({"_fitting"}, {"numpy", "sklearn"}),
    "_command_play": (
        {"_command_train", "_export_javascript", "_exported", "_page", "_plane"}
        | {"_recording", "_terminal", "_watch"},
        {"numpy"},
    ),
    "_charts": (set(), {"numpy"}),
    "_pictures": ({"_tables"}, {"numpy"}),
    "_report": (
        {"_charts", "_command_inspect", "_diagnose", "_inside", "_page", "_summary"}
        | {"_report_classes", "_report_labels", "_report_numbers", "_version"},
        {"numpy", "sklearn"},
    ),
    "_report_classes": ({"_charts", "_pictures", "_tables"}, ESTIMATOR),
    "_report_labels": ({"_pictures", "_report_classes"}, {"numpy", "sklearn"}),
    "_report_numbers": ({"_charts", "_pictures", "_tables"}, {"numpy", "sklearn"}),
    "_command_report": (
        {"_command_predict", "_command_train", "_inside", "_model_file", "_page"}
        | {"_report", "_store", "hdf5", "preprocessing"},
        {"numpy"},
    ),
    "_command_train": (
        {
            "__init__",
            "_optimizers",
            "_store",
            "_terminal",
            "_watch",
            "hdf5",
            "preprocessing",
        },
        {"numpy", "sklearn"},
    ),
    "_command_tune": (
        {"_atomic", "_command_train", "_store", "_terminal", "_tuning", "hdf5"}
        | {"plotting", "search"},
        {"matplotlib", "sklearn", "threadpoolctl"},
    ),
    "_command_predict": (
        {"_model_file", "_sources", "_store", "_terminal", "hdf5", "preprocessing"},
        {"numpy"},
    ),
    "_sources": (set(), {"numpy", "PIL"}),
    "_command_convert": ({"_store", "_sources", "_terminal"}, {"numpy"}),
    "_command_inspect": (
        {"_command_convert", "_model_file", "_store", "_terminal", "hdf5"},
        {"numpy"},
    ),
    "__main__": (
        {"_command_convert", "_command_demo", "_command_doctor", "_command_export"}
        | {
            "_command_inspect",
            "_command_play",
            "_command_predict",
            "_command_report",
            "_command_train",
            "_command_tune",
        }
        | {"_version"},
        set(),
    ),
}
MODULES = sorted(path.stem for path in FOLDER.glob("*.py"))


def tree(module):
    return ast.parse((FOLDER / f"{module}.py").read_text())


def imports(module):
    """The package's modules and the libraries that a module imports, anywhere in it."""
    own, libraries = set(), set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            libraries |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.level or node.module.split(".")[0] == "sknn_scratch":
                inner = (node.module or "").removeprefix("sknn_scratch").lstrip(".")
                own |= {inner} if inner else names & set(MODULES) or {"__init__"}
            else:
                libraries.add(node.module.split(".")[0])
    return own, libraries - set(sys.stdlib_module_names)


def test_every_module_has_its_line_in_the_table():
    assert set(MODULES) == set(MAY_IMPORT)


@pytest.mark.parametrize("module", MODULES)
def test_imports_keep_to_the_table(module):
    own, libraries = imports(module)
    assert own <= MAY_IMPORT[module][0]
    assert libraries <= MAY_IMPORT[module][1]


def users(name):
    """Functions of the package in which that name is used, called or handed on."""
    found = []
    for module in MODULES:
        for function in ast.walk(tree(module)):
            if isinstance(function, ast.FunctionDef):
                inside = list(ast.walk(function))
                names = {n.id for n in inside if isinstance(n, ast.Name)}
                names |= {
                    n.attr
                    for n in inside
                    if isinstance(n, ast.Attribute)
                    and getattr(n.value, "id", "") == "_propagation"
                }
                if name in names:
                    found.append(f"{module}.{function.name}")
    return found


def callers(method):
    """Functions of the package that call an attribute of that name."""
    return [
        f"{module}.{function.name}"
        for module in MODULES
        for function in ast.walk(tree(module))
        if isinstance(function, ast.FunctionDef)
        and any(
            isinstance(node, ast.Call) and getattr(node.func, "attr", "") == method
            for node in ast.walk(function)
        )
    ]


def test_exactly_one_function_calls_backward():
    assert users("backward") == ["_objective.__init__"]  # which gives it to
    assert callers("backward") == ["_objective.__call__"]


def test_forward_is_called_in_the_objective_s_room_only():
    assert {name.split(".")[0] for name in users("forward")} == {"_objective"}


def test_only_store_and_its_checks_import_h5py():
    users = [m for m in MODULES if "h5py" in imports(m)[1]]
    assert sorted(users) == ["_h5_checks", "_store"]


def test_only_distributed_imports_dask():
    users = [m for m in MODULES if {"dask", "distributed"} & imports(m)[1]]
    assert users == ["distributed"]


def test_scikit_learn_s_private_names_are_in_compat_only():
    for module in MODULES:
        for node in ast.walk(tree(module)):
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
