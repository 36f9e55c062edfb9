"""Are workers measured as it is said: the same check, of a function that works or waits?"""

from __future__ import annotations

import pytest

from benchmarks import workers


def test_there_is_a_row_for_each_way_and_a_column_for_each_cost(tmp_path, monkeypatch, capsys):
    """Each a multiple of what this process takes by itself; the page is what is printed."""
    pytest.importorskip("joblib")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr(workers, "WAIT", 1e-6)
    monkeypatch.setattr(workers, "WORK", {"work": 1, "waiting": 0, "wrong": 0})
    asked = []
    check = workers.check_gradients

    def asking(f, x, **keywords):
        report = check(f, x, **keywords)
        asked.append((keywords["workers"], x.size, str(report.verdict)))
        return report

    monkeypatch.setattr(workers, "check_gradients", asking)
    workers.main(tmp_path / "workers.md", quick=True)
    each = [(100, "CORRECT"), (100, "CORRECT"), (100, "WRONG")]
    assert asked == [(way, *what) for way in (None, 2, "joblib") for what in each]
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert cells[0] == ["who evaluates", "work", "waiting", "wrong"]
    assert cells[1] == ["this process", "1.00", "1.00", "1.00"]
    assert [row[0] for row in cells[2:]] == ["2 processes", "joblib"]
    assert lines[0] in (tmp_path / "workers.md").read_text(encoding="utf-8")
