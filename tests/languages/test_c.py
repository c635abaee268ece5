"""to_c, compiled."""

import json
import re
import subprocess

import numpy as np
import pandas as pd
import pytest
from far_networks import every_far_network, far_network, needs_rounding_of_1_9
from labels import LABELS, labelled
from matrix import matrix
from networks import every_network, expected, network
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from table_models import MODELS, fitted, net, outputs, tables

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch.export import to_c
from sknn_scratch.export._c_names import Names
from sknn_scratch.export._c_text import string_literal

STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-pedantic", "-O2"]
LOOP = """\
#include <stdio.h>
#include "network.h"
int main(void)
{
    float x[NETWORK_N_FEATURES], out[NETWORK_N_OUTPUTS];
    while (fread(x, sizeof(x), 1, stdin) == 1) {
        %s
        fwrite(out, sizeof(out), 1, stdout);
    }
    return 0;
}
"""
CLASSIFY = """\
#include <stdio.h>
#include "network.h"
int main(void)
{
    float x[NETWORK_N_FEATURES];
    while (fread(x, sizeof(x), 1, stdin) == 1)
        printf("%s\\n", network_class_name(network_predict(x)));
    return 0;
}
"""


def run(folder, header, main, X, compiler=("gcc", "-std=c99")):
    """What the program writes that takes rows of X."""
    (folder / "network.h").write_text(header)
    (folder / "main.c").write_text(main)
    made = subprocess.run(
        [*compiler, *STRICT, "main.c", "-o", "main", "-lm"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert not made.stderr
    rows = X.reshape(len(X), -1).astype(np.float32).tobytes()
    done = subprocess.run(["./main"], cwd=folder, input=rows, capture_output=True)
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("seed", every_network)
def test_it_says_what_the_model_says(seed, tmp_path):
    model, X = network(seed)
    function = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    main = LOOP % f"network_{function}(x, out);"
    P = expected(model, X)
    out = np.frombuffer(run(tmp_path, to_c(model), main, X), np.float32)
    assert_allclose(out.reshape(P.shape), P, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "dtype"), every_far_network)
def test_features_far_from_0(name, dtype, tmp_path):
    """Sums of float32 lose 6e-8 of their size; these networks are steep (up to 50)."""
    needs_rounding_of_1_9(name, dtype)
    model, X, P = far_network(name, dtype)
    function = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    header = to_c(model)
    out = run(tmp_path, header, LOOP % f"network_{function}(x, out);", X)
    assert_allclose(np.frombuffer(out, np.float32).reshape(P.shape), P, atol=3e-5)
    assert "* The features are scaled before the first layer" in header


def test_far_from_0_where_compilers_may_fuse_operations(tmp_path):
    """GNU C fuses x * scale + min where the processor can; the model rounds twice."""
    model, X, P = far_network("min_max", "f4")
    main = LOOP % "network_predict_proba(x, out);"
    compiler = ("gcc", "-std=gnu99", "-march=native", "-ffp-contract=fast")
    out = run(tmp_path, to_c(model), main, X, compiler)
    assert_allclose(np.frombuffer(out, np.float32).reshape(P.shape), P, atol=3e-5)


def test_it_is_cpp_too_and_says_the_name_of_the_class(tmp_path):
    model, X = network(3)
    names = model.predict(X)
    assert len(set(names)) > 2
    compiler = ("g++", "-x", "c++", "-std=c++11")
    out = run(tmp_path, to_c(model), CLASSIFY, X, compiler)
    assert_array_equal(
        out.decode().replace("plum\n", "plum").split("\n")[:-1],
        [name.rstrip("\n") for name in names],
    )


@pytest.mark.parametrize("name", LABELS)
def test_it_prints_the_label_that_the_model_predicts(name, tmp_path):
    model, X = labelled(LABELS[name])
    main = CLASSIFY.replace("\\n", "@@")
    found = run(tmp_path, to_c(model), main, X).decode().split("@@")[:-1]
    assert found == [str(label) for label in model.predict(X).tolist()]


def test_labels(tmp_path):
    model, X = network(4)
    main = LOOP % (
        "int y[NETWORK_N_OUTPUTS]; network_predict(x, y);\n"
        "for (int k = 0; k < NETWORK_N_OUTPUTS; k++) out[k] = (float)y[k];"
    )
    out = np.frombuffer(run(tmp_path, to_c(model), main, X), np.float32)
    assert_array_equal(out.reshape(len(X), -1), model.predict(X))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_not_a_number_gives_none(name, tmp_path, rng):
    X = rng.randn(40, 3)
    row = np.array([[0, np.nan, 1]])
    for y in (X[:, 0] > 0, np.arange(40) % 3, (X > 0).astype(int)):
        net = ShallowNetClassifier(4, activation=name, max_iter=2, warn=False)
        main = LOOP % "network_predict_proba(x, out);"
        out = run(tmp_path, to_c(net.fit(X, y)), main, row)
        assert np.isnan(np.frombuffer(out, np.float32)).all()


def test_two_networks_in_one_program_and_wide_ones(tmp_path, rng):
    X = rng.randint(0, 256, (60, 12288)) / 255
    cats = LogisticRegressionScratch().fit(X, np.arange(60) % 2)
    dogs = ShallowNetClassifier(3, max_iter=2, warn=False).fit(X, np.arange(60) % 3)
    (tmp_path / "dogs.h").write_text(to_c(dogs, name="dogs"))
    main = '#include "dogs.h"\n' + LOOP % (
        "float p[DOGS_N_OUTPUTS]; network_predict_proba(x, out);\n"
        "dogs_predict_proba(x, p);"
    )
    out = run(tmp_path, to_c(cats), main, X)
    P = np.frombuffer(out, np.float32).reshape(-1, 2)
    assert_allclose(P, cats.predict_proba(X), atol=1e-5)


def members(header):
    """(type, member, column) of the struct of a row."""
    struct = header[header.index("_row {") :].partition("\n};")[0]
    lines = re.findall(r"(double|enum \w+) (\w+); /\* (\".*?\")", struct)
    return [(type_, member, json.loads(column)) for type_, member, column in lines]


def program(header, X, *, call, type_="double", n="NETWORK_N_OUTPUTS"):
    """A program whose rows are those of X, and that writes the outputs of `call`."""
    found, rows = members(header), []
    for _, values in X.iterrows():
        row = []
        for kind, member, column in found:
            value = values[column]
            if kind != "double":
                text = "NULL" if pd.isna(value) else string_literal(str(value))
                row.append(f"row.{member} = {kind[5:]}_of({text});")
            elif not pd.isna(value):
                if isinstance(value, pd.Timestamp):
                    value = (value - pd.Timestamp(0)) / pd.Timedelta(1, "D")
                row.append(f"row.{member} = {float(value)!r};")
        rows.append(f"row = network_empty_row(); {' '.join(row)} WRITE")
    return (
        '#include <stdio.h>\n#include "network.h"\n'
        f"#define WRITE {call}; fwrite(out, sizeof(out), 1, stdout);\n"
        f"int main(void)\n{{\n    {type_} out[{n}];\n"
        "    struct network_row row;\n    "
        + "\n    ".join(rows)
        + "\n    return 0;\n}\n"
    )


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("compiler", [("gcc", "-std=c99"), ("g++", "-std=c++17")])
@matrix("name", MODELS, "texts", "columns")
def test_tables(name, compiler, tmp_path):
    model, P, X = fitted(name), outputs(name), tables()[2]
    if compiler[0] == "g++":
        compiler, X, P = (*compiler, "-x", "c++"), X[:50], P[:50]
    header = to_c(model)
    function = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    main = program(header, X, call=f"network_{function}(&row, out)")
    out = np.frombuffer(run(tmp_path, header, main, np.empty((1, 0)), compiler))
    atol = (1e-9 if P.dtype == np.float64 else 1e-6) * (np.ptp(outputs(name)) or 1)
    assert_allclose(out.reshape(P.shape), P, rtol=0, atol=atol)


@matrix("name", ["number", "numbers", "quantiles"], "number")
def test_intervals(name, tmp_path):
    model, X = fitted(name), tables()[2][:20]
    n = 4 if name == "numbers" else 2
    for coverage in (0.5, 0.999):
        call = f"network_predict_interval(&row, {coverage}, out)"
        main = program(to_c(model), X, call=call, n=n)
        out = np.frombuffer(run(tmp_path, to_c(model), main, np.empty((1, 0))))
        ends = model.predict_interval(X, coverage)
        assert_allclose(out.reshape(ends.shape), ends, rtol=1e-9)


CHECKS = """\
#include <stdio.h>
#include "network.h"
int main(void)
{
    struct network_row row = network_empty_row();
    double p[NETWORK_N_OUTPUTS], q[NETWORK_N_OUTPUTS];
    %s
    return 0;
}
"""


def test_levels_and_dates_as_numbers(tmp_path):
    main = CHECKS % (
        "(void)p, (void)q, (void)row;"
        'printf("%d %d %d\\n", network_city_of("Rome"), network_city_of(NULL),'
        ' network_city_of("oslo") == NETWORK_CITY_OSLO_2);'
        'printf("%g %g", network_days(1969, 12, 31), network_days(2024, 2, 29));'
    )
    out = run(tmp_path, to_c(fitted("texts")), main, np.empty((1, 0)))
    days = (pd.Timestamp("2024-02-29") - pd.Timestamp(0)).days
    assert out.decode() == f"-2 -1 1\n-1 {days}"


def test_classes_and_labels_of_rows(tmp_path):
    for name in ("texts", "labels"):
        model, X = fitted(name), tables()[2][:40]
        call = "int y[NETWORK_N_OUTPUTS]; out[0] = y[0] = network_predict(&row);"
        if name == "labels":
            call = "network_predict(&row, out)"
        type_ = "int" if name == "labels" else "double"
        main = program(to_c(model), X, call=f"{{ {call}; }}", type_=type_)
        out = run(tmp_path, to_c(model), main, np.empty((1, 0)))
        if name == "labels":
            found = np.frombuffer(out, np.intc).reshape(-1, 2)
        else:
            found = model.classes_[np.frombuffer(out).reshape(-1, 3)[:, 0].astype(int)]
        assert_array_equal(found, model.predict(X))


def test_rows_that_the_model_has_no_rule_for_are_not_a_number(tmp_path):
    X, y, _ = tables()
    for encoder in (OneHotEncoder(), OrdinalEncoder()):
        model = make_pipeline(
            ColumnTransformer([("e", encoder, ["class"])]), net(DeepNetClassifier)
        )
        main = CHECKS % (
            "network_predict_proba(&row, p); row.class_ = NETWORK_CLASS_UNSEEN;"
            "network_predict_proba(&row, q);"
            'printf("%f %f %d", fabs(p[0]), fabs(q[1]), network_predict(&row));'
        )
        header = to_c(model.fit(X, y > 15))
        assert run(tmp_path, header, main, np.empty((1, 0))) == b"nan nan -1"


def test_names_of_columns_are_different_and_valid():
    header = to_c(fitted("two classes"))
    names = {column: member for _, member, column in members(header)}
    assert names["n rooms"] == "n_rooms"
    assert "n_rooms" not in names  # it does not vary
    assert names["class"] == "class_"
    assert '"n_rooms"' in header.partition("*/")[0].partition("no use of: ")[2]
    for texts, words in [
        (["a b", "a-b", "a_b"], ["a_b", "a_b_2", "a_b_3"]),
        (["7", "", "für", "日本"], ["x_7", "x", "fur", "x_2"]),
        (["int", "Int"], ["int_", "Int"]),
    ]:
        given = Names()
        assert [given.of(text) for text in texts] == words
