"""to_c, compiled."""

import subprocess

import numpy as np
import pytest
from far_networks import every_far_network, far_network, needs_rounding_of_1_9
from labels import LABELS, labelled
from networks import every_network, expected, network
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch import LogisticRegressionScratch, ShallowNetClassifier
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch.export import to_c

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
