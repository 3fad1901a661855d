"""Recompute every fen of a quarter from its archive, without the product: ``python3 -I verify_settlement.py FILE``.

One file, Python 3.11 or newer, standard library only. Exit code 0: nothing was changed and every amount comes out again;
1: something does not, and the record is named. 用法：python3 -I verify_settlement.py 存档文件（退出码 0 为一致，1 为不一致）。

The arithmetic is written down here a second time on purpose, day by day, so that it is a witness of the product's own.
Money is whole fen; quotients are exact fractions; one rounding, half up, at the line (docs/rules/settlement.md).
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
import struct
import sys
import tomllib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

FORMAT = 1
LOCAL, CENTRAL, END = (struct.Struct(f) for f in ("<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"))
MIDNIGHT_1980 = (0, 0x21)
ONE_DAY = dt.timedelta(days=1)
GRADES = {1: "self_care", 2: "half_care", 3: "full_care"}
Record = dict[str, Any]


# --- the container: a zip without compression, members in order, all times fixed: equal contents, equal bytes ---------------


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of ``files`` that depends on nothing but their names and bytes."""
    body, directory = bytearray(), bytearray()
    for name in sorted(files):
        data, raw = files[name], name.encode("ascii")
        common = (10, 0, 0, *MIDNIGHT_1980, zlib.crc32(data), len(data), len(data), len(raw), 0)
        directory += CENTRAL.pack(b"PK\x01\x02", 20, *common, 0, 0, 0, 0, len(body)) + raw
        body += LOCAL.pack(b"PK\x03\x04", *common) + raw + data
    end = END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory) + end


def unpack(data: bytes) -> tuple[dict[str, bytes], list[tuple[int, str]]]:
    """Members in the order of the file, and where each begins; damaged headers end the reading."""
    files: dict[str, bytes] = {}
    starts: list[tuple[int, str]] = []
    at = 0
    while data[at : at + 4] == b"PK\x03\x04" and len(data) >= at + LOCAL.size:
        head = LOCAL.unpack_from(data, at)
        size, length = head[8], head[9]
        begin = at + LOCAL.size + length
        name = data[at + LOCAL.size : begin].decode("ascii", "backslashreplace")
        starts.append((at, name))
        files[name] = data[begin : begin + size]
        at = begin + size
    return files, [*starts, (at, "the directory at the end")]


# --- contents: every record has a hash of its own, so that a changed one can be named ---------------------------------------


def sha(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> str:
    """The one text of a JSON value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def label(kind: str, record: Record) -> str:
    """What people call a record of a file of that kind."""
    if kind == "inputs" and record.get("record") == "quarter":
        return f"rules of {record.get('quarter')}"
    wanted = {
        "inputs": ("record", "contract", "quarter"),
        "lines": ("line", "contract", "kind", "for_quarter"),
        "evaluations": ("evaluation", "contract", "quarter"),
        "ledger": ("posting", "account"),
        "payments": ("payment", "caregiver", "payee"),
        "rates": ("month",),
        "settlement": ("settlement", "quarter", "area"),
        "signatures": ("seq", "act"),
    }.get(kind, ())
    return " ".join(f"{key} {record[key]}" for key in wanted if key in record)


def kind_of(member: str) -> str:
    """``settlements/150422101/lines.jsonl`` → ``lines``."""
    return member.rpartition("/")[2].removesuffix(".jsonl")


def index(files: Mapping[str, bytes]) -> bytes:
    """One line for each record of the files: its hash, its place, its name."""
    rows = []
    for name in sorted(files):
        if name.endswith(".jsonl"):
            for number, line in enumerate(files[name].split(b"\n")[:-1], 1):
                rows.append(f"{sha(line)}  {name}:{number}  {label(kind_of(name), json.loads(line))}\n")
    return "".join(rows).encode()


def seal_of(files: Mapping[str, bytes]) -> str:
    """Seal of one settlement: the hash over names and hashes of its files; closing notes it in the audit log."""
    return sha("".join(f"{name} {sha(files[name])}\n" for name in sorted(files)).encode())


class Findings(list[str]):
    """What does not agree, each with the record that it is about."""

    def check(self, where: str, problem: str, ok: bool) -> None:
        """Note ``problem`` unless ``ok``."""
        if not ok:
            self.append(f"{where}: {problem}")

    def equal(self, where: str, name: str, says: object, computed: object) -> None:
        """Note a figure that comes out otherwise."""
        self.check(where, f"{name} says {says}, computed {computed}", says == computed)


def container(data: bytes, files: dict[str, bytes], starts: list[tuple[int, str]], found: Findings) -> None:
    """Every byte outside the members is as ``pack`` writes it."""
    again = pack({name: body for name, body in files.items() if name.isascii()})
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(data, again, strict=False)) if a != b), min(len(data), len(again)))
        name = next((n for start, n in reversed(starts) if start <= at), "the first header")
        found.append(f"{name}: the file is not as it was written, first at byte {at}")


def hashes(files: Mapping[str, bytes], found: Findings) -> Record:
    """Seal, manifest and index; a changed record is named. Returns the manifest."""
    manifest_bytes = files.get("manifest.json", b"")
    sealed = files.get("seal.txt", b"") == f"{sha(manifest_bytes)}\n".encode()
    manifest: Record = json.loads(manifest_bytes)
    listed: dict[str, Record] = manifest["files"]
    wrong = [n for n in listed if n not in files or sha(files[n]) != listed[n]["sha256"]]
    names = {*listed, "manifest.json", "seal.txt"}
    found += [f"{name}: no file of this name was written" for name in files if name not in names]
    for name in wrong:
        if name not in files:
            found.append(f"{name}: the file is missing")
            continue
        before = len(found)
        found += _records(name, files) if name.endswith(".jsonl") else []
        if len(found) == before:
            found.append(f"{name}: hash says {listed[name]['sha256']}, computed {sha(files[name])}")
    found.check("seal.txt" if not wrong else "manifest.json", "the seal is not the hash of manifest.json", sealed)
    found.check("manifest.json", "not in canonical form", (canonical(manifest) + "\n").encode() == manifest_bytes)
    found.equal("manifest.json", "format", manifest.get("format"), FORMAT)
    return manifest


def _records(name: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """Records of one file that are not those of the index."""
    rows = [r.split("  ", 2) for r in files.get("records.txt", b"").decode("utf-8", "replace").splitlines()]
    want = [r for r in rows if len(r) == 3 and r[1].rpartition(":")[0] == name]
    have = files[name].split(b"\n")[:-1]
    for number, (digest, place, words) in enumerate(want):
        if number >= len(have) or sha(have[number]) != digest:
            yield f"{place} ({words}): the record was changed" if number < len(have) else f"{place} ({words}): missing"
    for number in range(len(want), len(have)):
        yield f"{name}:{number + 1}: a record that was not written"


# --- the arithmetic, day by day ----------------------------------------------------------------------------------------------


def half_up(value: Fraction) -> int:
    """Nearest whole number of a value that is not negative, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def day(text: str) -> dt.date:
    """``2026-03-31``."""
    return dt.date.fromisoformat(text)


def covers(spans: Iterable[list[Any]], on: dt.date) -> bool:
    """Whether a span of [first, last or null] holds the day."""
    return any(day(s[0]) <= on and (s[1] is None or on <= day(s[1])) for s in spans)


def away(stays: list[list[Any]], free: int, on: dt.date) -> bool:
    """Whether the day is one of a stay's days after the free ones; stays that touch are one."""
    return bool(stays) and all(covers(stays, on - n * ONE_DAY) for n in range(free + 1))


def counted(facts: Record, first: dt.date, of_days: int, rule: Record) -> int:
    """Days of a month under contract, alive, not suspended, not away beyond the free days."""
    begins, ends = day(facts["days"][0]), day(facts["days"][1])
    return sum(
        begins <= on <= ends
        and not covers(facts["suspensions"], on)
        and not away(facts["hospital"], rule["hospital_free_days"], on)
        and not away(facts["leave"], rule["leave_free_days"], on)
        for on in (first + n * ONE_DAY for n in range(of_days))
    )


def figure(table: Record, area: str, key: str) -> int | None:
    """The month's figure of a grade: of the most exact area that names it, else the county's."""
    best = [("", table.get("monthly_fen", {}).get(key))]
    best += [(str(a["code"]), a.get("monthly_fen", {}).get(key)) for a in table.get("area", [])]
    fitting = [x for x in best if x[1] is not None and area.startswith(x[0])]
    return max(fitting, key=lambda x: len(x[0]))[1] if fitting else None


def months_of(quarter: str) -> list[tuple[str, dt.date, int]]:
    """The three months of ``2026-Q1``: name, first day, number of days."""
    year, first = int(quarter[:4]), 3 * int(quarter[6]) - 2
    return [(f"{year}-{m:02d}", dt.date(year, m, 1), calendar.monthrange(year, m)[1]) for m in range(first, first + 3)]


def settled(facts: Record, quarter: str, rule: Record, tables: list[Record | None]) -> Record:
    """What a contract is owed for a quarter."""
    months, total, blocked = [], Fraction(0), ""
    for (name, first, of_days), table in zip(months_of(quarter), tables, strict=True):
        days = counted(facts, first, of_days, rule)
        grade = next((g[2] for g in facts["grades"] if covers([g], first)), None)
        base: int | None = None
        if days and grade is None:
            blocked = blocked or "no_grade"
        elif days and table is None:
            blocked = blocked or "no_pay_table"
        elif days and table is not None and grade is not None:
            base = figure(table, facts["area"], GRADES[grade])
            if base is None and GRADES[grade] not in rule.get("zero_without_standard", []):
                blocked = blocked or "no_standard"
        total += Fraction((base or 0) * days, of_days)
        months.append({"month": name, "grade": grade, "base_fen": base or 0, "days": days, "of_days": of_days})
    if not blocked and total and facts["ratio_bp"] is None:
        blocked = "no_score"
    due_fen = 0 if blocked else half_up(total)
    pay_fen = 0 if blocked else half_up(total * Fraction(facts["ratio_bp"] or 0, 10000))
    return {"months": months, "due_fen": due_fen, "pay_fen": pay_fen, "blocked": blocked or None}


def points_of(line: Record, records: Record) -> Fraction | None:
    """Points of one line of the scorecard that records decide; None when they say nothing."""
    most, source = Fraction(line["max"]), line["source"]
    items = [pair for pair in records.get("items", {}).values() if pair[1] > 0]
    if source == "delivered" and items:
        return sum((min(Fraction(1), Fraction(*pair)) for pair in items), Fraction(0)) * most / len(items)
    if source == "no_events" and not records.get("unjudged"):
        return Fraction(0) if records.get("avoidable") else most
    if source == "timely" and records.get("recorded"):
        return most * Fraction(records["recorded"] - records["late"], records["recorded"])
    if source == "timely":
        return Fraction(0) if items else None
    if source in ("satisfaction", "neighbour_view"):
        total, visits = records.get("satisfaction" if source == "satisfaction" else "neighbour", [0, 0])
        return min(most, Fraction(total, visits)) if visits else None
    return None


def evaluated(card: Record, row: Record) -> tuple[int | None, int | None]:
    """Score in hundredths of a point and ratio in hundredths of a percent, from records and people's points."""
    total: Fraction | None = Fraction(0)
    for line in card["line"]:
        points = points_of(line, row["records"])
        if points is None and line["source"] != "no_events" and line["id"] in row["given"]:
            points = Fraction(row["given"][line["id"]], 100)
        total = None if points is None or total is None else total + points
    if row["veto"] is not None:
        total = Fraction(0)
    if total is None:
        return None, None
    score = half_up(total * 100)
    band = max((b for b in card["band"] if b["from"] <= score), key=lambda b: int(b["from"]))
    return score, int(band["ratio_bp"])


# --- one settlement ----------------------------------------------------------------------------------------------------------


class Settlement:
    """The files of one township's quarter, proved one after the other."""

    def __init__(self, area: str, files: Mapping[str, bytes], rules: Mapping[str, Record], found: Findings) -> None:
        self.area, self.rules, self.found = area, rules, found
        self.files = {kind_of(n): b for n, b in files.items() if n.startswith(f"settlements/{area}/")}
        self.rows = {kind: [json.loads(x) for x in b.split(b"\n")[:-1]] for kind, b in self.files.items()}
        self.head: Record = self.rows["settlement"][0]

    def where(self, kind: str, number: int) -> str:
        """``settlements/150422101/lines.jsonl:7 (line 9 contract 3 …)``."""
        return f"settlements/{self.area}/{kind}.jsonl:{number} ({label(kind, self.rows[kind][number - 1])})"

    def each(self, kind: str, prove: Callable[[str, Record], None]) -> None:
        """Prove every record of one file; one that cannot even be read is named as well."""
        seen: set[str] = set()
        for number, row in enumerate(self.rows[kind], 1):
            self.found.check(self.where(kind, number), "stands twice", label(kind, row) not in seen)
            seen.add(label(kind, row))
            try:
                prove(self.where(kind, number), row)
            except (KeyError, ValueError, TypeError, IndexError, ArithmeticError) as error:
                self.found.append(f"{self.where(kind, number)}: cannot be read ({error!r})")

    def prove(self) -> None:
        """Everything about this settlement."""
        hash_of_inputs = sha(self.files["inputs"])
        self.found.equal(self.where("settlement", 1), "hash of the inputs", self.head["inputs_sha256"], hash_of_inputs)
        self.evaluations = {row["evaluation"]: row for row in self.rows["evaluations"]}
        self.each("evaluations", self._evaluation)
        self.each("rates", self._rate)
        self.expected: dict[tuple[int, str, str], Record] = {}
        self.each("inputs", self._input)
        self.lines: dict[int, Record] = {}
        self.each("lines", self._line)
        for contract, kind, quarter in self.expected:
            self.found.append(f"settlements/{self.area}: contract {contract} has no line of kind {kind} for {quarter}")
        self._totals()
        self._ledger()
        self._payments()
        self.each("signatures", self._signature)
        self._people()

    def _evaluation(self, where: str, row: Record) -> None:
        score, ratio = evaluated(self.rules[row["scorecard"]], row)
        self.found.equal(where, "score", row["score"], score)
        self.found.equal(where, "ratio", row["ratio_bp"], ratio)
        self.found.check(where, "scored and confirmed by one person", row["scored_by"] != row["confirmed_by"])

    def _rate(self, where: str, row: Record) -> None:
        table = self.rules[row["pay_table"]] if row["pay_table"] else {}
        self.found.equal(where, "figures", row["monthly_fen"], table.get("monthly_fen", {}))
        self.found.equal(where, "areas", row["area"], table.get("area", []))

    def _input(self, where: str, row: Record) -> None:
        if row["record"] == "quarter":
            self.quarter = row
            self.found.equal(where, "quarter", row["quarter"], self.head["quarter"])
            return
        if row["record"] == "returned":
            again = {"caregiver": row["caregiver"], "payee": row.get("payee"), "resident": row["resident"]}
            money = {"due_fen": row["fen"], "pay_fen": row["fen"], "withheld_fen": 0, "blocked": None, "months": []}
            self.expected[row["contract"], "returned", row["quarter"]] = {**money, **again, "rules": {}}
            return
        rules = row if row["record"] == "changed" else self.quarter
        tables = [self.rules[name] if name else None for name in rules["pay_tables"]]
        result = settled(row, rules["quarter"], self.rules[rules["rule"]], tables)
        if row["evaluation"] is not None:
            known = self.evaluations[row["evaluation"]]
            self.found.equal(where, "score", [row["score"], row["ratio_bp"]], [known["score"], known["ratio_bp"]])
            about = [known["contract"], known["quarter"]]
            self.found.equal(where, "evaluation's contract", about, [row["contract"], rules["quarter"]])
        if row["record"] == "changed":
            self.found.check(where, f"blocked: {result['blocked']}", result["blocked"] is None)
            result["due_fen"] -= row["posted"][0]
            result["pay_fen"] -= row["posted"][1]
        kind = "correction" if row["record"] == "changed" else "quarter"
        self.expected[row["contract"], kind, rules["quarter"]] = {
            **result,
            "withheld_fen": result["due_fen"] - result["pay_fen"],
            **{name: row[name] for name in ("caregiver", "resident", "score", "ratio_bp")},
            "payee": row.get("payee"),  # the institution that the contract says is paid; none: the caregiver
            "rules": {
                "settlement_rule": rules["rule"],
                "pay_tables": dict(zip([m[0] for m in months_of(rules["quarter"])], rules["pay_tables"], strict=True)),
                "scorecard": row["scorecard"],
                "evaluation": row["evaluation"],
            },
        }

    def _line(self, where: str, row: Record) -> None:
        self.lines[row["line"]] = row
        want = self.expected.pop((row["contract"], row["kind"], row["for_quarter"]), None)
        if want is None:
            self.found.append(f"{where}: no frozen facts ask for this line")
            return
        for name, value in want.items():
            self.found.equal(where, name, row.get(name) if name == "payee" else row[name], value)

    def _totals(self) -> None:
        where, rows = self.where("settlement", 1), self.rows["lines"]
        for name in ("due_fen", "pay_fen", "withheld_fen"):
            self.found.equal(where, name, self.head[name], sum(row[name] for row in rows))
        self.found.equal(where, "lines", self.head["lines_count"], len(rows))
        self.found.equal(
            where, "blocked lines", self.head["blocked_count"], sum(r["blocked"] is not None for r in rows)
        )

    def _ledger(self) -> None:
        want: dict[tuple[str, str], int] = {}
        for row in self.rows["lines"]:
            key = f"due/{self.head['settlement']}/{row['contract']}/{row['kind']}/{row['for_quarter']}"
            if row["blocked"] is None:
                want[key, "paid" if row["kind"] == "returned" else "programme_funds"] = -row["due_fen"]
                want[key, "payable"] = row["pay_fen"]
                want[key, "withheld"] = row["withheld_fen"]
        for payment in self.rows["payments"]:
            cash = "recovered" if payment["method"] == "recover" else "paid"
            for line, attempt, fen in payment["lines"]:
                if payment["state"] in ("paid", "returned"):
                    want[f"paid/{line}/{attempt}", "payable"] = -fen
                    want[f"paid/{line}/{attempt}", cash] = fen
                if payment["state"] == "returned":
                    want[f"returned/{line}/{attempt}", "payable"] = fen
                    want[f"returned/{line}/{attempt}", cash] = -fen
        want = {key: fen for key, fen in want.items() if fen}

        def one(where: str, row: Record) -> None:
            self.found.equal(where, "fen", row["fen"], want.pop((row["posting"], row["account"]), None))

        self.each("ledger", one)
        self.found += [f"settlements/{self.area}: the ledger lacks {key} {account}" for key, account in want]

    def _payments(self) -> None:
        stands: dict[int, int] = {}

        def one(where: str, row: Record) -> None:
            self.found.equal(where, "fen", row["fen"], sum(fen for _line, _attempt, fen in row["lines"]))
            self.found.check(where, f"state {row['state']} of a closed quarter", row["state"] != "sent")
            for line, _attempt, fen in row["lines"]:
                self.found.equal(where, f"fen of line {line}", fen, self.lines[line]["pay_fen"])
                kind = "payee" if "payee" in self.lines[line] else "caregiver"
                self.found.equal(where, kind, row[kind], self.lines[line][kind])
                self.found.check(where, "names two payees", ("payee" in row) != ("caregiver" in row))
                stands[line] = stands.get(line, 0) + (row["state"] == "paid")

        self.each("payments", one)
        for number, row in enumerate(self.rows["lines"], 1):
            times = stands.get(row["line"], 0)
            self.found.check(self.where("lines", number), f"paid {times} times", times == (row["pay_fen"] != 0))

    def _signature(self, where: str, row: Record) -> None:
        fields = {name: value for name, value in row.items() if name not in ("hash", "prev_hash")}
        self.found.equal(where, "hash", row["hash"], sha((row["prev_hash"] + canonical(fields)).encode()))
        self.found.equal(where, "settlement", row["object_id"], str(self.head["settlement"]))

    def _people(self) -> None:
        where = self.where("settlement", 1)
        acts: dict[str, list[Record]] = {}
        for row in self.rows["signatures"]:
            acts.setdefault(row["act"], []).append(row)
        for act in ("settlement.calculate", "settlement.submit", "settlement.approve"):
            if act not in acts:
                self.found.append(f"{where}: nobody signed {act}")
                return
        orders = {json.loads(row["changes"])["order"] for row in acts.get("settlement.order", [])}
        asked = {row["order"] for row in self.rows["payments"]}
        self.found.check(where, f"nobody signed the payment orders {sorted(asked - orders)}", asked <= orders)
        paid = acts.get("settlement.pay", []) + acts.get("settlement.bank_answer", [])
        self.found.check(where, "nobody signed a payment", bool(paid))
        submit, approvals = acts["settlement.submit"][-1], acts["settlement.approve"]
        approvals = [row for row in approvals if row["seq"] > submit["seq"]]
        for row in (submit, *approvals):
            self.found.equal(
                where, "amount that was signed", json.loads(row["changes"])["pay_fen"], self.head["pay_fen"]
            )
        self.found.equal(where, "submitted_by", self.head["submitted_by"], submit["actor_id"])
        signers = [row["actor_id"] for row in approvals]
        self.found.check(where, "approved_by is not the last who signed", signers[-1:] == [self.head["approved_by"]])
        people = [submit["actor_id"], *signers]
        self.found.check(where, "one person signed twice", len(set(people)) == len(people))
        steps = self.rules[self.quarter["rule"]].get("approval", [])
        steps = [step for step in steps if step["from_fen"] <= self.head["pay_fen"]]
        needed = max(steps, key=lambda step: int(step["from_fen"]))["approvers"] if steps else 1
        self.found.check(where, f"{len(signers)} approved, {needed} must", len(signers) >= needed)


# --- the whole file ----------------------------------------------------------------------------------------------------------


def verify(data: bytes) -> tuple[list[str], str]:
    """(what does not agree, summary in one line)."""
    found = Findings()
    files, starts = unpack(data)
    container(data, files, starts, found)
    try:
        manifest = hashes(files, found)
        rules = {}
        for name, body in files.items():
            if name.startswith("rules/"):
                found.equal(name, "hash", name.removeprefix("rules/").removesuffix(".toml"), sha(body))
                rules[name.removeprefix("rules/").removesuffix(".toml")] = tomllib.loads(body.decode())
        lines = pay = 0
        for row in manifest["settlements"]:
            own = {n: b for n, b in files.items() if n.startswith(f"settlements/{row['area']}/")}
            found.equal(f"settlements/{row['area']}", "seal", row["seal"], seal_of(own))
            settlement = Settlement(row["area"], files, rules, found)
            settlement.prove()
            found.equal("manifest.json", "quarter", manifest["quarter"], settlement.head["quarter"])
            lines += len(settlement.rows["lines"])
            pay += settlement.head["pay_fen"]
    except Exception as error:  # whatever a forged file does to the reading, it is not proved
        found.append(f"the archive cannot be read to its end: {error!r}")
        return found, ""
    words = f"{manifest['quarter']}: {len(manifest['settlements'])} settlements, {lines} lines, {pay} fen paid"
    return found, f"{words}; seal {sha(files['manifest.json'])}"


def say(text: str) -> None:
    """One line to the screen, whatever letters it can show."""
    shown = text.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode(sys.stdout.encoding or "utf-8")
    sys.stdout.write(f"{shown}\n")


def main(arguments: list[str]) -> int:
    """Verify the file named in ``arguments``; 0 when everything agrees, else 1."""
    if len(arguments) != 1:
        say("usage: python3 -I verify_settlement.py FILE")
        return 1
    try:
        found, words = verify(Path(arguments[0]).read_bytes())
    except OSError as error:
        say(f"{arguments[0]}: {error.strerror}")
        return 1
    for finding in found:
        say(finding)
    say(f"不一致 NOT PROVED: {len(found)} findings" if found else f"一致 PROVED: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
