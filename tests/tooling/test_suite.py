"""The closing line of the test command is what others rely on: it may not flatter."""

from app.build.suite import GROUPS, Counts, Step, closing_line, count, judge, table

REPORT = b"""<testsuites><testsuite>
<testcase classname="a" name="one"/>
<testcase classname="a" name="two"><failure message="x"/></testcase>
<testcase classname="a" name="three"><skipped message="no server"/></testcase>
<testcase classname="a" name="four"/>
<testcase classname="a" name="four"><error message="tear-down"/></testcase>
</testsuite></testsuites>"""
PASSING = b'<testsuites><testsuite><testcase classname="a" name="one"/></testsuite></testsuites>'


def test_a_test_that_fails_in_its_tear_down_is_one_failure_and_a_skipped_one_fails_too():
    assert count(REPORT) == Counts(passed=1, failed=3, skipped=1)


def test_a_skipped_test_is_named():
    counts, remark = judge(1, REPORT, chosen=False)
    assert counts.failed == 3
    assert remark == "1 skipped, which counts as failed"


def test_a_group_without_tests_fails_unless_a_developer_chose_some():
    assert judge(5, b"", chosen=False) == (Counts(failed=1), "no test ran")
    assert judge(5, b"", chosen=True)[0] == Counts()


def test_a_run_that_breaks_down_after_passing_tests_fails():
    counts, remark = judge(3, PASSING, chosen=False)
    assert (counts.passed, counts.failed) == (1, 1)
    assert "exit code 3" in remark


def test_a_run_that_leaves_no_report_fails():
    assert judge(-9, b"", chosen=False)[0].failed == 1


def test_the_closing_line_adds_up_checks_and_groups():
    steps = [
        Step("ruff check", 1.0, Counts(failed=1), False),
        Step("tests: pure", 2.0, Counts(passed=7), True),
        Step("tests: sqlite", 3.0, Counts(passed=5, failed=2), False),
    ]
    assert closing_line(steps) == "12 passed, 3 failed"
    assert "5 passed, 2 failed" in table(steps)
    assert "FAILED" in table(steps)


def test_every_test_belongs_to_exactly_one_selection():
    selections = [group.select for group in GROUPS]
    for db, journey in [(False, False), (True, False), (False, True), (True, True)]:
        names = {"db": db, "journey": journey}
        chosen = {text for text in selections if eval(text, {}, names)}  # noqa: S307  # our own three expressions
        assert len(chosen) == 1
