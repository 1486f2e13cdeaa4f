"""The bill of materials of a release: every package of the lock with its version and hashes, as CycloneDX.

Belongs here: reading requirements.lock, the content of sbom.cdx.json. Not here: resolving packages (`make lock`), or
what is installed (the manifest says versions).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import InputError

NAME = "sbom.cdx.json"
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")
_HASH = re.compile(r"^\s+--hash=sha256:(?P<hash>[0-9a-f]{64})\s*\\?$")


@dataclass(frozen=True)
class Pinned:
    """One line of the lock: a package, its version, for which machines, and the hashes of its files."""

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def read_lock(text: str) -> list[Pinned]:
    """Every pinned package of a requirements.lock.

    Raises:
        InputError: a line is neither a pin, a hash nor a comment, or a pin has no hash.
    """
    return list(_read(text))


def _read(text: str) -> Iterator[Pinned]:
    found: tuple[str, str, str | None] | None = None
    hashes: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin, digest = _PINNED.match(line), _HASH.match(line)
        if pin is not None:
            if found is not None:
                yield _pinned(found, hashes, number)
            found, hashes = (pin["name"], pin["version"], pin["marker"]), []
        elif digest is not None and found is not None:
            hashes.append(digest["hash"])
        else:
            raise InputError(
                f"not a pinned package: {line.strip()!r}",
                file="requirements.lock",
                line=number,
                remedy="write it anew with `make lock`",
            )
    if found is not None:
        yield _pinned(found, hashes, number)


def _pinned(found: tuple[str, str, str | None], hashes: list[str], line: int) -> Pinned:
    name, version, marker = found
    if not hashes:
        raise InputError(
            f"{name} has no hash", file="requirements.lock", line=line, remedy="write it anew with `make lock`"
        )
    return Pinned(name, version, marker, tuple(hashes))


def bill(lock: str, *, version: str) -> bytes:
    """The content of sbom.cdx.json (CycloneDX 1.6) for the text of a lock; the same lock gives the same bytes.

    A component has one hash of its own; the lock knows one a file (a wheel for each machine), so they stand together in
    the property `lock:sha256`, and a marker in `lock:marker`.

    Raises:
        InputError: the lock cannot be read.
    """
    from cyclonedx.model import Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion
    from packageurl import PackageURL

    pinned = read_lock(lock)
    about = Component(name="augenhoehe", version=version, type=ComponentType.APPLICATION, bom_ref="augenhoehe")
    components = [
        Component(
            name=one.name,
            version=one.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{one.name}=={one.version}",
            purl=PackageURL("pypi", None, one.name, one.version),
            properties=[
                Property(name="lock:sha256", value=" ".join(sorted(one.hashes))),
                *([Property(name="lock:marker", value=one.marker)] if one.marker else []),
            ],
        )
        for one in pinned
    ]
    # A serial number from the content: no clock and no chance.
    bom = Bom(components=components, serial_number=uuid.uuid5(uuid.NAMESPACE_OID, lock))
    bom.metadata.component = about
    bom.metadata.timestamp = None  # type: ignore[bad-argument-type]  (left out then)
    bom.register_dependency(about, components)
    written = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    return (written + "\n").encode()
