"""The archive of a quarter: what is in it, and its bytes. Equal contents give equal bytes on every machine, for ever.

The container and the names of records are those of ``verify_settlement``, which reads them without the product.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.settlement.verify_settlement import FORMAT, canonical, index, pack, seal_of, sha

README = """\
本存档是一个季度的护理补贴结算：冻结的输入、规则文件、评分、逐行结果、台账、付款与经手记录。
在没有本系统的电脑上核验（需 Python 3.11 以上）：
    python3 -I verify_settlement.py 存档文件
退出码 0 表示每一分钱都能重算一致且没有任何字节被改动；1 表示不一致，并指出是哪条记录。
存档不含姓名、证件号、账号，只有编号。

This archive is one quarter's settlement of care money: frozen inputs, rule files, scores, lines, ledger, payments and who
acted. To verify it without the product: python3 -I verify_settlement.py FILE (Python 3.11 or newer). Exit code 0: every
fen comes out again and no byte was changed; 1: the record is named. It holds numbers, no names.
"""


@dataclass(frozen=True)
class Closed:
    """What closing wrote about one settlement: its files by name (without folder), the rule files by SHA-256, its seal."""

    area_code: str
    settlement_id: int
    files: Mapping[str, str]
    rules: Mapping[str, str]

    def members(self) -> dict[str, bytes]:
        """Its files as they stand in the archive."""
        return {f"settlements/{self.area_code}/{name}": text.encode() for name, text in self.files.items()}

    @property
    def seal(self) -> str:
        """Hash over its files."""
        return seal_of(self.members())

    def as_json(self) -> dict[str, Any]:
        """Stored form."""
        return {"files": dict(self.files), "rules": dict(self.rules)}


def jsonl(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as canonical JSON, one a line."""
    return "".join(f"{canonical(record)}\n" for record in records)


def quarter_archive(quarter: str, closed: Iterable[Closed]) -> bytes:
    """The archive of the quarter's closed settlements. Raises ``ValueError`` when there is none."""
    rows = sorted(closed, key=lambda c: c.area_code)
    if not rows:
        raise ValueError("no closed settlement")
    files: dict[str, bytes] = {"README.txt": README.encode()}
    for row in rows:
        files |= row.members()
        files |= {f"rules/{sha256}.toml": text.encode() for sha256, text in row.rules.items()}
    files["records.txt"] = index(files)
    manifest = {
        "format": FORMAT,
        "quarter": quarter,
        "settlements": [{"area": r.area_code, "settlement": r.settlement_id, "seal": r.seal} for r in rows],
        "files": {name: {"bytes": len(body), "sha256": sha(body)} for name, body in files.items()},
    }
    files["manifest.json"] = f"{canonical(manifest)}\n".encode()
    files["seal.txt"] = f"{sha(files['manifest.json'])}\n".encode()
    return pack(files)


def from_json(area_code: str, settlement_id: int, stored: str) -> Closed:
    """Read the stored form back."""
    data = json.loads(stored)
    return Closed(area_code, settlement_id, data["files"], data["rules"])
