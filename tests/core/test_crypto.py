"""Field encryption: opens only where it belongs, with the right key, unaltered; the key file says what is wrong."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.crypto import (
    DecryptionError,
    Keyring,
    KeyringError,
    blind_index,
    decrypt,
    encrypt,
    key_id_of,
    needs_rotation,
)

AAD = b"resident.id_number.7f3a"


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keys.json")


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_goes_in_comes_out(ring: Keyring, text: str) -> None:
    assert decrypt(ring, encrypt(ring, text, AAD), AAD) == text


def test_equal_texts_look_different_and_show_nothing(ring: Keyring) -> None:
    blobs = {encrypt(ring, "11010519491231002X", AAD) for _ in range(50)}
    assert len(blobs) == 50
    assert all(b"1949" not in blob and len(blob) == 18 + 30 for blob in blobs)


def test_every_flipped_bit_is_an_error_and_never_text(ring: Keyring) -> None:
    blob = encrypt(ring, "110105", AAD)
    for place in range(len(blob) * 8):
        broken = bytearray(blob)
        broken[place // 8] ^= 1 << place % 8
        with pytest.raises(DecryptionError):
            decrypt(ring, bytes(broken), AAD)


def test_a_cut_value_is_an_error(ring: Keyring) -> None:
    blob = encrypt(ring, "110105", AAD)
    for length in range(len(blob)):
        with pytest.raises(DecryptionError):
            decrypt(ring, blob[:length], AAD)


def test_a_value_moved_to_another_row_does_not_open(ring: Keyring) -> None:
    with pytest.raises(DecryptionError):
        decrypt(ring, encrypt(ring, "secret", AAD), b"resident.id_number.8b21")


def test_another_installation_cannot_read_it(ring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "other.json")
    with pytest.raises(DecryptionError):
        decrypt(other, encrypt(ring, "secret", AAD), AAD)


def test_a_new_key_encrypts_and_the_old_one_still_opens(ring: Keyring) -> None:
    old = encrypt(ring, "before", AAD)
    assert ring.add_key() == 2
    again = Keyring.load(ring.path)
    assert again.ids() == [1, 2]
    new = encrypt(again, "after", AAD)
    assert (key_id_of(old), key_id_of(new)) == (1, 2)
    assert (needs_rotation(again, old), needs_rotation(again, new)) == (True, False)
    assert decrypt(again, old, AAD) == "before"
    again.retire(1)
    with pytest.raises(DecryptionError, match="key 1 is not in the keyring"):
        decrypt(Keyring.load(ring.path), old, AAD)


def test_only_an_old_key_can_be_retired(ring: Keyring) -> None:
    with pytest.raises(KeyringError, match="active"):
        ring.retire(1)
    with pytest.raises(KeyringError, match="no key 9"):
        ring.retire(9)
    assert Keyring.load(ring.path).ids() == [1]


def test_a_search_hash_ignores_how_a_number_was_typed(ring: Keyring) -> None:
    wanted = blind_index(ring, "11010519491231002X", "id_number")
    assert len(wanted) == 64
    assert {
        blind_index(ring, t, "id_number") for t in (" 11010519491231002x", "１１０１０５ １９４９１２３１００２Ｘ")
    } == {wanted}
    assert blind_index(ring, "110105194912310021", "id_number") != wanted
    assert blind_index(ring, "11010519491231002X", "phone") != wanted


def test_the_search_hash_survives_rotation_and_differs_between_installations(ring: Keyring, tmp_path: Path) -> None:
    before = blind_index(ring, "13812341234", "phone")
    ring.add_key()
    assert blind_index(Keyring.load(ring.path), "13812341234", "phone") == before
    assert blind_index(Keyring.create(tmp_path / "other.json"), "13812341234", "phone") != before


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_file_belongs_to_its_owner_alone(ring: Keyring) -> None:
    assert ring.path.stat().st_mode & 0o777 == 0o600
    ring.add_key()
    assert ring.path.stat().st_mode & 0o777 == 0o600
    ring.path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.load(ring.path)


def test_creating_never_overwrites(ring: Keyring) -> None:
    with pytest.raises(KeyringError, match="exists already"):
        Keyring.create(ring.path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="is missing"):
        Keyring.load(tmp_path / "none.json")


SHORT = base64.b64encode(b"x" * 31).decode()
GOOD = base64.b64encode(b"x" * 32).decode()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"keys": {}, "index": "' + GOOD + '"}',
        '{"keys": {"1": "' + GOOD + '"}}',
        '{"keys": {"1": "' + SHORT + '"}, "index": "' + GOOD + '"}',
        '{"keys": {"1": "' + GOOD + '"}, "index": "' + SHORT + '"}',
        '{"keys": {"0": "' + GOOD + '"}, "index": "' + GOOD + '"}',
        '{"keys": {"70000": "' + GOOD + '"}, "index": "' + GOOD + '"}',
        '{"keys": {"a": "' + GOOD + '"}, "index": "' + GOOD + '"}',
        '{"keys": {"1": 5}, "index": "' + GOOD + '"}',
        "\udcff\udcfe",
    ],
)
def test_a_damaged_file_is_refused_in_words_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    path.chmod(0o600)
    with pytest.raises(KeyringError, match=r"damaged|cannot be read") as caught:
        Keyring.load(path)
    assert GOOD not in str(caught.value)


def test_keys_do_not_show_in_tracebacks(ring: Keyring) -> None:
    stored = json.loads(ring.path.read_text())
    assert stored["index"] not in repr(ring)
    assert repr(ring.index_key) not in repr(ring)
    assert repr(ring.key(1)) not in repr(ring)


def test_the_keys_of_a_backup_join_or_step_beside_never_vanish(ring: Keyring, tmp_path: Path) -> None:
    backup = json.loads(ring.path.read_text())
    ring.add_key()
    assert Keyring.merge(ring.path, backup).ids() == [1, 2]
    foreign = Keyring.create(tmp_path / "foreign.json")
    for number in (1, 2):
        before = ring.path.read_text()
        merged = Keyring.merge(ring.path, json.loads(foreign.path.read_text() if number == 1 else json.dumps(backup)))
        assert (tmp_path / f"keys.json.replaced-{number}").read_text() == before
        assert merged.ids() == [1]
