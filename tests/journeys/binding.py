"""March: the care plan for the day on which the grade begins, and the contract that seven parties sign."""

from __future__ import annotations

import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import expect
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.journeys.grading import CARER, NAME
from tests.journeys.walking import PICTURES, House, Person, zh

FIRST_DAY = "2026-04-01"
SIGNERS = [
    ("township_officer_a", ["P2", "P7"], 1280),
    ("county_officer_b", ["P3"], 1280),
    ("village_officer_a", ["P4"], 360),
    ("institution_manager_a", ["P5"], 768),
    ("caregiver_a", ["P6"], 360),
    ("county_reviewer_a", ["P1"], 1280),
]
"""Seven parties, six people: the township officer also holds the tablet for the resident."""


def plan_care(people: House) -> None:
    """The township draws up the plan; a county officer approves it."""
    with people.signing_in("township_officer_a") as officer:
        officer.open("/residents")
        officer.follow(NAME)
        officer.follow(zh("Draw up a plan"))
        officer.fill(valid_from=FIRST_DAY)
        officer.press(zh("Draw up the plan"))
        officer.told(zh("The draft is ready: look at each line, then have it approved."))
        officer.fill(notes="村里老屋，冬季注意一氧化碳。", helper="王桂兰（邻居）")
        officer.station("14-plan-draft")
        officer.press(zh("Save the draft"))
        officer.told(zh("The draft was saved."))
    with people.signing_in("county_officer_a") as county:
        county.open("/care-plans?state=draft")
        county.press(county.page.locator("main table a").first)
        county.sees(NAME)
        assert "2026年4月1日" in county.confirm(zh("Approve the plan"))
        county.sees(zh("Approved"))
        county.station("15-plan")


def draw_up_contract(people: House) -> None:
    """From the resident's page: what was decided so far becomes the text of the contract."""
    with people.signing_in("township_officer_a") as officer:
        officer.open("/residents")
        officer.follow(NAME)
        officer.follow(zh("Draw up a contract"))
        officer.page.locator("[name=caregiver_id]").select_option(index=0)
        officer.fill(valid_from=FIRST_DAY)
        officer.station("16-new-contract")
        officer.press(zh("Draw up the contract"))
        officer.told(zh("The draft is ready. Read it, then open it for signing."))
        officer.sees(CARER, "¥517.00")
        officer.confirm(zh("Open for signing"))
        officer.told(zh("The contract is open for the seven signatures."))


def sign_by_seven(people: House) -> None:
    """Each signs on the glass; the seventh signature puts the contract in force."""
    for username, slots, width in SIGNERS:
        with people.signing_in(username, width=width) as signer:
            signer.open("/contracts?mine=1")
            signer.press(signer.page.locator("main table a").first)
            for slot in slots:
                signer.press(signer.page.locator(f"a[href$='/sign/{slot}']"))
                _sign(signer, slot, last=slot == SIGNERS[-1][1][-1])


def _sign(signer: Person, slot: str, *, last: bool) -> None:
    """A signature drawn by hand."""
    signer.choose("means", "hand")
    if slot == "P7":
        signer.choose("identity", "known")
    pad = signer.page.locator('canvas[data-signature-pad="strokes"]')
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    mouse = signer.page.mouse
    for start in (0.2, 0.5):
        mouse.move(box["x"] + box["width"] * start, box["y"] + box["height"] * 0.3)
        mouse.down()
        for step in range(1, 9):
            height = 0.3 + 0.4 * (step % 3) / 2
            mouse.move(box["x"] + box["width"] * (start + 0.03 * step), box["y"] + box["height"] * height)
        mouse.up()
    expect(signer.page.locator("#strokes")).not_to_have_value("")
    if slot in {"P2", "P6"}:
        signer.station(f"17-sign-{slot}")
    signer.press(signer.page.locator("form[data-signature-form] button[type=submit]"))
    if last:
        signer.told(zh("All seven have signed: the contract is in force."))
        signer.sees(zh("In force"))
        signer.station("18-contract-signed")
        check_the_sealed_file(signer, "18-contract-signed.pdf")
    else:
        signer.told(zh("The signature is stored."))


def check_the_sealed_file(signer: Person, name: str) -> None:
    """What the page gives out is sealed: pyHanko says so, poppler's ``pdfsig`` too where it is installed; one changed byte
    on a page and both say no.
    """
    address = signer.page.url.split("?")[0] + ".pdf"
    data = signer.page.request.get(address).body()
    assert signer.page.request.get(address).body() == data
    (PICTURES / name).write_bytes(data)
    changed = bytearray(data)
    changed[data.index(b"stream") + 200] ^= 1
    with ThreadPoolExecutor() as elsewhere:  # both the browser and the check want the event loop of their thread
        assert list(elsewhere.map(_intact, [data, bytes(changed)])) == [True, False]
    if (pdfsig := shutil.which("pdfsig")) is not None:
        assert "Signature is Valid" in _said(pdfsig, data)
        assert "Digest Mismatch" in _said(pdfsig, bytes(changed))


def _intact(data: bytes) -> bool:
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[], allow_fetching=False))
    return status.intact and status.valid


def _said(pdfsig: str, data: bytes) -> str:
    path = PICTURES / "18-checked.pdf"
    path.write_bytes(data)
    try:
        return subprocess.run([pdfsig, str(path)], capture_output=True, text=True, check=False).stdout  # found above
    finally:
        Path(path).unlink()
