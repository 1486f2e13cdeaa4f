"""The seal of a release: its id from its content, SHA256SUMS, and whether a folder still is what its manifest says.

Belongs here: hashing and comparing. Not here: writing a release (write.py), or which ones are kept (shelf.py).

The id is the hash of the list of files, so it does not depend on the machine. The manifest also says versions, commit
and checks; it and SHA256SUMS are outside the id. SHA256SUMS names every file but itself: `sha256sum --strict -c
SHA256SUMS` needs nothing of this project.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
_ID = re.compile(r"[0-9a-f]{16}")

# Path → {"sha256": …, "bytes": …}
Files = Mapping[str, Mapping[str, Any]]


def is_id(name: str) -> bool:
    """True for what can be a release id; never for a path."""
    return _ID.fullmatch(name) is not None


def entry(data: bytes) -> dict[str, Any]:
    """What the manifest says of a file: its hash and length."""
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def release_id(files: Files) -> str:
    """The id of a release that holds these files."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """The one way a manifest is written."""
    return (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sums_bytes(files: Files, manifest: bytes) -> bytes:
    """SHA256SUMS over these files and the manifest."""
    hashes = {name: str(one["sha256"]) for name, one in files.items()} | {MANIFEST: entry(manifest)["sha256"]}
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(hashes.items())).encode()


def on_disk(folder: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Every file under `folder` with hash and length, read from disk; and what is neither file nor folder, by name.

    A link is never followed, so nothing outside the folder is read.
    """
    files, strange = {}, []
    for base, folders, names in os.walk(folder):
        at = Path(base)
        for name in sorted([*folders, *names]):
            path = at / name
            shown = path.relative_to(folder).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                strange.append(shown)
            elif path.is_file():
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                files[shown] = {"sha256": digest, "bytes": path.stat().st_size}
    return dict(sorted(files.items())), strange


def problems(folder: Path, *, name: str | None = None) -> list[str]:
    """Everything in which a release folder is not what its manifest says; an empty list means it is whole.

    Args:
        folder: the folder of the release.
        name: the id it must have; the folder's own name without.
    """
    there, strange = on_disk(folder)
    found = [f"{one}: a link or a special file, a release holds files alone" for one in strange]
    if MANIFEST not in there:
        return [*found, f"{MANIFEST}: missing"]
    data = (folder / MANIFEST).read_bytes()
    try:
        manifest = json.loads(data)
        files: Files = {
            str(name): {key: one[key] for key in ("sha256", "bytes")} for name, one in manifest["files"].items()
        }
        written_id = manifest["release_id"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return [*found, f"{MANIFEST}: not a manifest ({type(error).__name__})"]
    if written_id != (name or folder.name):
        found.append(f"{MANIFEST}: is of release {written_id!r}, not of {name or folder.name}")
    if release_id(files) != written_id:
        found.append(f"{MANIFEST}: its id does not follow from its files")
    if manifest_bytes(manifest) != data:
        found.append(f"{MANIFEST}: not as it was written")
    for one in sorted(files):
        if not inside(one):
            found.append(f"{MANIFEST}: names {one!r}, which is no path inside the release")
    sums = sums_bytes(files, data)
    if SUMS not in there:
        found.append(f"{SUMS}: missing")
    elif (folder / SUMS).read_bytes() != sums:
        # Both are outside the id: which of the two is wrong shows the manifest's own line.
        listed = f"{entry(data)['sha256']}  {MANIFEST}\n".encode() in (folder / SUMS).read_bytes()
        found.append(f"{SUMS if listed else f'{MANIFEST} or {SUMS}'}: they do not agree")
    for one in sorted(files.keys() | there.keys() - {MANIFEST, SUMS}):
        if one not in there:
            found.append(f"{one}: missing")
        elif one not in files:
            found.append(f"{one}: not in the manifest")
        elif there[one]["bytes"] != files[one]["bytes"]:
            found.append(f"{one}: {there[one]['bytes']} bytes, the manifest says {files[one]['bytes']}")
        elif there[one]["sha256"] != files[one]["sha256"]:
            found.append(f"{one}: other content than the manifest says")
    return found


def inside(name: str) -> bool:
    """True for a plain relative path that stays in its folder."""
    path = PurePosixPath(name)
    plain = not path.is_absolute() and bool(path.parts) and ".." not in path.parts and str(path) == name
    return plain and "\\" not in name and name.isprintable()
