"""Uploaded files are private, found by their owner alone, and gone after a day."""

import os
import time
from pathlib import Path
from typing import IO

import pytest

from catalog.importing.uploads import KEPT_SECONDS, MOST_OF_ONE, Upload, UploadGone, folder, keep, kept, watch

ADA, BOB = 1, 11  # one's files do not begin with the other's name
SHA = "a" * 64


def upload_of(owner: int, sha256: str = SHA, content: bytes = b"sku\nA\n", name: str = "lamps.csv") -> Upload:
    incoming = folder() / f"incoming-{owner}"
    incoming.touch(mode=0o600)
    incoming.write_bytes(content)
    return keep(incoming, sha256, name, owner=owner)


def text_of(file: IO[bytes]) -> bytes:
    with file:
        return file.read()


def make_old(upload: Upload) -> None:
    long_ago = time.time() - KEPT_SECONDS - 1
    os.utime(upload.place, (long_ago, long_ago))


def test_a_file_is_kept_with_its_name(uploads: Path) -> None:
    upload_of(ADA, name="Lamps, näw 👋.csv")
    found = kept(ADA, SHA)
    assert text_of(found.open()) == b"sku\nA\n"
    assert (found.name, found.size) == ("Lamps, näw 👋.csv", 6)


def test_nobody_else_on_the_machine_may_read_it(uploads: Path) -> None:
    upload = upload_of(ADA)
    with upload.writing_rejected("products") as file:
        file.write(b"x")
    assert {path.stat().st_mode & 0o777 for path in upload.place.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (upload.place, uploads)} == {0o700}
    assert len(list(upload.place.iterdir())) == 3


def test_it_is_there_for_its_owner_alone(uploads: Path) -> None:
    upload_of(ADA)
    with pytest.raises(UploadGone):
        kept(BOB, SHA)


@pytest.mark.parametrize("sha256", ["", "a", "A" * 64, "a" * 65, f"../1-{SHA}", "a" * 63 + "/", "a" * 63 + "\n"])
def test_only_a_digest_names_a_file(uploads: Path, sha256: str) -> None:
    upload_of(ADA)
    with pytest.raises(UploadGone):
        kept(ADA, sha256)


def test_it_is_gone_after_a_day(uploads: Path) -> None:
    upload, left_over = upload_of(ADA), uploads / "incoming-x"
    left_over.touch()
    os.utime(left_over, (0, 0))
    make_old(upload)
    with pytest.raises(UploadGone):
        kept(ADA, SHA)
    assert list(uploads.iterdir()) == []


def test_uploading_it_again_begins_another_day(uploads: Path) -> None:
    make_old(upload_of(ADA))
    upload_of(ADA)
    assert text_of(kept(ADA, SHA).open()) == b"sku\nA\n"


def test_of_one_person_the_last_few_are_kept(uploads: Path) -> None:
    digests = [character * 64 for character in "0123456"]
    upload_of(BOB)
    for place, digest in enumerate(digests):
        since = time.time() - 100 + place
        os.utime(upload_of(ADA, digest).place, (since, since))
    left = sorted(path.name for path in uploads.iterdir())
    assert left == [*(f"{ADA}-{digest}" for digest in digests[-MOST_OF_ONE:]), f"{BOB}-{SHA}"]


def test_wrong_lines_are_replaced_by_those_of_the_next_look(uploads: Path) -> None:
    upload = upload_of(ADA)
    for text in (b"first", b"next"):
        with upload.writing_rejected("products") as file:
            file.write(text)
    assert text_of(upload.open_rejected("products")) == b"next"
    assert not upload.has_rejected("users")
    with upload.writing_rejected("products"):
        pass
    assert not upload.has_rejected("products")
    with pytest.raises(UploadGone):
        upload.open_rejected("products")


def test_wrong_lines_half_written_replace_nothing(uploads: Path) -> None:
    upload = upload_of(ADA)
    with upload.writing_rejected("products") as file:
        file.write(b"whole")
    with pytest.raises(ZeroDivisionError), upload.writing_rejected("products") as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert text_of(upload.open_rejected("products")) == b"whole"
    assert len(list(upload.place.iterdir())) == 3


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_a_folder_open_to_others_is_not_used(uploads: Path, mode: int) -> None:
    uploads.mkdir()
    uploads.chmod(mode)
    with pytest.raises(PermissionError, match="open to others"):
        folder()


def test_a_link_to_a_folder_is_not_used(uploads: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    uploads.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        folder()


def test_a_day_ends_without_anybody_asking(uploads: Path) -> None:
    old, next_one = upload_of(ADA), upload_of(BOB)
    make_old(old)
    watch()
    assert not old.place.exists() and next_one.place.exists()
    nearly = time.time() - KEPT_SECONDS + 0.2
    os.utime(next_one.place, (nearly, nearly))
    watch()
    until = time.monotonic() + 30
    while next_one.place.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not next_one.place.exists()
