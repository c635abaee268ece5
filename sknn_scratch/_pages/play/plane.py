"""Training data of two features: generated data sets, or a data file.

A Python script makes the data. It is run, and the page shows its text: so the code to
repeat a training is the code that has run.
"""

import os

import numpy as np

from ..._fit.parameter_use import changed_parameters

MIN_ROWS = 8  # rows, of which a quarter is held out
POINTS = 400  # of a generated data set

EXTRA = "from sknn_scratch.datasets import make_extra_sets\n"
BLOBS = "from sklearn.datasets import make_blobs\n"
GENERATORS = {  # name: script that makes X and y, with {n} points and {seed}
    "moons": EXTRA + 'X, y = make_extra_sets({n}, random_state={seed})["noisy_moons"]',
    "circles": EXTRA
    + 'X, y = make_extra_sets({n}, random_state={seed})["noisy_circles"]',
    "flower": "from sknn_scratch.datasets import make_flower\n"
    "X, y = make_flower({n}, random_state={seed})",
    "blobs": EXTRA + 'X, y = make_extra_sets({n}, random_state={seed})["blobs"]',
    "quantiles": EXTRA
    + 'X, y = make_extra_sets({n}, random_state={seed})["gaussian_quantiles"]',
    "xor": BLOBS + "corners = [[-1, -1], [1, 1], [-1, 1], [1, -1]]\n"
    "X, y = make_blobs({n}, centers=corners, cluster_std=0.4, random_state={seed})\n"
    "y = y // 2",
    "three": BLOBS
    + "X, y = make_blobs({n}, centers=3, cluster_std=2.0, random_state={seed})",
    "spiral": "import numpy as np\n"
    "rng, y = np.random.RandomState({seed}), np.arange({n}) % 2\n"
    "t = 3 * np.pi * rng.uniform(0.02, 1, {n}) ** 0.5\n"
    "X = (t * [np.cos(t + np.pi * y), np.sin(t + np.pi * y)]).T\n"
    "X += 0.35 * rng.randn({n}, 2)",
}


class Script:
    """Python code that has been run, and the namespace in which it ran."""

    def __init__(self):
        self.text, self.names = "", {}

    def __getitem__(self, name):
        return self.names[name]

    def run(self, lines):
        """Run lines and append them to the text; quote values from users with repr."""
        exec(lines, self.names)
        self.text += lines.rstrip("\n") + "\n"


class Plane:
    """Training and validation rows of two features, with class names.

    Attributes
    ----------
    script : Script
        Code that has made X, y, X_val and y_val.
    classes : list of str
        A name for each label of y.
    projected : str
        A sentence on the projection of more than two features, or "".
    generated : bool
        Whether the points are of GENERATORS, and not from a file.
    code : str
        The lines of the script that make the data.
    """

    def __init__(self, source, seed):
        self.script, self.projected = Script(), ""
        self.generated = source in GENERATORS
        if self.generated:
            self.script.run(GENERATORS[source].format(n=POINTS, seed=seed))
            self.classes = [str(k) for k in range(self.script["y"].max() + 1)]
        else:
            self._load(source, seed)
        if "y_val" not in self.script.names:
            self._hold_out(source, seed)
        self.code = self.script.text

    @property
    def train(self):
        return self.script["X"], self.script["y"]

    @property
    def val(self):
        return self.script["X_val"], self.script["y_val"]

    def _load(self, source, seed):
        """Load a file in the course's layout; project more than two features to two."""
        if not (os.path.exists(source) or source.lower().endswith((".h5", ".hdf5"))):
            raise ValueError(
                f"SOURCE must be a data file (.h5) or one of {', '.join(GENERATORS)}, "
                f"got {source!r}."
            )
        run = self.script.run
        run(
            "from sknn_scratch.hdf5 import load_dataset\n"
            f"data = load_dataset({source!r})"
        )
        data = self.script["data"]
        for X in (data.X_train, data.X_test):
            if X is not None and not np.isfinite(X).all():
                raise ValueError(f"{source} must hold finite numbers, got NaN or inf.")
        self.classes = [str(name) for name in data.classes]
        sets = {"": "train"} if data.X_test is None else {"": "train", "_val": "test"}
        expression = "data.X_{0}"
        if data.X_train.shape[1:] != (2,):
            self._project(source, data.X_train, seed)
            expression = "plane.transform(data.X_{0})"
        for suffix, split in sets.items():
            X = expression.format(split)
            run(f"X{suffix}, y{suffix} = {X}.astype(float), data.y_{split}")

    def _project(self, source, X, seed):
        """Fit PCA with two components, as `plane` in the script."""
        features = int(np.prod(X.shape[1:]))
        if features < 2:
            raise ValueError(f"{source} must have at least 2 features, got {features}.")
        if not np.ptp(X, axis=0).any():
            raise ValueError(f"{source} must have features that vary, got constants.")
        first, start = "StandardScaler", "sklearn.preprocessing"
        if X.ndim > 2:
            first, start = "ImageFlattener", "sknn_scratch.preprocessing"
        self.script.run(
            "from sklearn.decomposition import PCA\n"
            "from sklearn.pipeline import make_pipeline\n"
            f"from {start} import {first}\n"
            f"plane = make_pipeline({first}(), PCA(2, random_state={seed}))\n"
            "plane.fit(data.X_train)"
        )
        share = self.script["plane"][-1].explained_variance_ratio_.sum()
        self.projected = (
            f"The {features:,} features were projected to 2 by PCA, which keeps "
            f"{share:.0%} of their variance. The network was trained on that "
            "projection."
        )

    def _hold_out(self, source, seed):
        """Hold out a quarter of the rows, stratified if every class has enough."""
        y = self.script["y"]
        counts = np.unique(y, return_counts=True)[1]
        if len(y) < MIN_ROWS:
            raise ValueError(
                f"{source} must have at least {MIN_ROWS} rows, or a test set, got "
                f"{len(y)} and none."
            )
        by_class = counts.min() > 1 and len(y) // 4 >= len(counts)
        self.script.run(
            "from sklearn.model_selection import train_test_split\n"
            "X, X_val, y, y_val = train_test_split(\n"
            f"    X, y, test_size=0.25, random_state={seed}"
            f"{', stratify=y' if by_class else ''}\n)"
        )


def code_of(model):
    """Return Python code that makes the estimator as `network`."""
    name = type(model).__name__
    given = changed_parameters(model).items()
    lines = "".join(f"    {k}={literal(value)},\n" for k, value in given)
    return f"from sknn_scratch import {name}\nnetwork = {name}(\n{lines})"


def literal(value):
    """Return a value as Python code."""
    return 'float("inf")' if value == np.inf else repr(value)
