"""Bootstrap's sheet is served without the pictures that the content policy refuses."""

from pathlib import Path

from app.build import styles


def test_the_sheet_keeps_its_rules_and_loses_its_pictures(tmp_path: Path) -> None:
    assert styles.make(tmp_path)
    made = (tmp_path / "bootstrap.min.css").read_text("utf-8")
    assert "data:" not in made
    assert "--bs-form-select-bg-img:none" in made
    assert made.count("{") == made.count("}") > 2000


def test_making_it_again_writes_nothing_and_mends_a_changed_one(tmp_path: Path) -> None:
    assert styles.make(tmp_path)
    assert not styles.make(tmp_path)
    (tmp_path / "bootstrap.min.css").write_text("x", "utf-8")
    assert styles.make(tmp_path)
