"""The columns of a table file, in words."""

from flats import N, flats

from sknn_scratch._cli.tables.inspect import describe_table, print_described


def test_each_column_has_a_line(tmp_path, capsys):
    flats(N, 0).to_csv(tmp_path / "t.csv", index=False)
    table = describe_table(tmp_path / "t.csv", target="price")
    rows = {row["column"]: row for row in table.rows}
    assert rows["size"]["missing"] == 1
    assert rows["city"]["different"] == 3
    assert rows["sold"]["values"] == "2020-01-01 to 2020-04-09"
    assert rows["id"]["train"].startswith("an id")
    assert rows["price"]["train"] == "the target"
    assert rows["garden"]["train"] == "kept"
    assert table.as_dict()["rows"] == N
    print_described(table, None)
    printed = capsys.readouterr().out
    assert "100 rows" in printed
    assert "Task: regression" in printed


def test_a_table_without_a_target_is_described(tmp_path):
    path = tmp_path / "t.csv"
    flats(N, 0).assign(empty=None, one=[[1]] * N).to_csv(path, index=False)
    table = describe_table(path)
    assert {row["train"] for row in table.rows} >= {
        "kept",
        "no value",
        "one value only",
    }
