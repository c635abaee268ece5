"""A table of flats, as users have them, and models trained on it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sknn_scratch._cli.tables import train
from sknn_scratch._cli.tables.seen import fingerprints

OPTIONS = {"n_members": ("--members", 2), "max_iter": ("--max-iter", 5)}
N = 100


def flats(n, seed):
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "id": rng.permutation(10_000)[:n],
            "size": rng.uniform(20, 200, n).round(1),
            "city": rng.choice(["Oslo", "Bergen", "Malmö"], n),
            "sold": pd.date_range("2020-01-01", periods=n).strftime("%d/%m/%Y"),
            "garden": rng.choice([True, False], n),
            "floor": rng.choice(["1", "2", "ground"], n),
        }
    )
    frame["price"] = (3 * frame["size"] + 50 * (frame["city"] == "Oslo")).round(2)
    frame["dear"] = np.where(frame["price"] > 300, "yes", "no")
    frame.loc[3, "size"] = np.nan
    return frame


def trained(folder, target, drop, **options):
    path = folder / f"{target}.csv"
    flats(N, 0).to_csv(path, index=False)
    saved, notes = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "save", lambda *given: saved.append(given))
        done = train.train_on_table(
            path,
            target=target,
            drop=[drop],
            given=options.pop("given", OPTIONS),
            tell=notes.append,
            **{"out": "m.h5"} | options,
        )
    stored = SimpleNamespace(
        model=done.model,
        class_names=None,
        target_name=target,
        training_rows=saved and fingerprints(saved[0][0], *saved[0][-1][:2]),
    )
    return SimpleNamespace(
        done=done, saved=saved, notes=notes, path=path, stored=stored
    )
