"""Small workbooks written by the tests as ZIPs of XML: known parts of the layout are real, the figures invented."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
NAME = "csv-12211-14"
VALUE = "Bevoelkerung_in_Hauptwohnsitzhaushalten"
HEADER = (
    "Statistik_Code",
    "Statistik_Label",
    "VARIABLE_0",
    "VALUE_0",
    "VARIABLE_1",
    "VALUE_1",
    "VARIABLE_2",
    "VALUE_2",
    VALUE,
    "Qualitaetskennzeichen",
)
START = ("12211", "Mikrozensus", "Berichtsjahr", "2024")
END = ("Ende der Tabelle.",)


class Raw(str):
    """A cell as XML; `{at}` stands for its place."""


def row(region: str, value: object, group: str = "Insgesamt", quality: str | None = "e") -> tuple[object, ...]:
    return (*START, "Gebietsstand", region, "Bevölkerungsgruppe", group, value, quality)


ROWS = (
    row("Deutschland", 20799.0),
    row("Früheres Bundesgebiet mit Berlin", 20000),
    row("Neue Länder ohne Berlin", 799),
    row("Bayern", 3050, quality="()"),
    row("Sachsen", "/", "Ausländer/-innen", ""),
    row("Sachsen", "-", "a=b;c", None),
)


def letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def sheet_xml(rows: object, texts: dict[str, int], *, after: str = "", claim: str = "A1:B2") -> str:
    lines = []
    for line, cells in enumerate(rows, 1):  # type: ignore[call-overload]
        shown = []
        for number, cell in enumerate(cells, 1):
            at = f"{letters(number)}{line}"
            if cell is None:
                continue
            if isinstance(cell, Raw):
                shown.append(cell.format(at=at))
            elif isinstance(cell, str):
                shown.append(f'<c r="{at}" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>')
            else:
                shown.append(f'<c r="{at}"><v>{cell}</v></c>')
        lines.append(f'<row r="{line}">{"".join(shown)}</row>')
    return (
        f'<worksheet xmlns="{MAIN}"><dimension ref="{claim}"/><sheetData>{"".join(lines)}</sheetData>{after}'
        "</worksheet>"
    )


def parts(
    sheets: dict[str, object] | None = None,
    *,
    formats: tuple[str, ...] = (),
    after: str = "",
    claim: str = "A1:B2",
) -> dict[str, str]:
    """The parts of a workbook by name. Style 0 is General, style n prints by the nth format."""
    if sheets is None:
        sheets = {"Titel": [["Bevölkerung nach Einwanderungsgeschichte"]], NAME: [HEADER, *ROWS, END]}
    texts: dict[str, int] = {}
    files = {
        f"xl/worksheets/sheet{n}.xml": sheet_xml(rows, texts, after=after, claim=claim)
        for n, rows in enumerate(sheets.values(), 1)
    }
    listed = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    own = "".join(f'<numFmt numFmtId="{164 + n}" formatCode={quoteattr(f)}/>' for n, f in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(formats)))
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}<Relationship Id="s" '
        f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="f" Type="{OFFICE}/styles" '
        'Target="/xl/styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><cellStyleXfs><xf numFmtId="14"/>'
        f'</cellStyleXfs><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
        **files,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
        + "</sst>",
    }


def packed(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def book(*rows: object, header: object = HEADER, end: object = END, **options: object) -> bytes:
    """A workbook with one machine sheet of these rows."""
    sheet = [header, *(rows or ROWS), *([end] if end else [])]
    return packed(parts({NAME: sheet}, **options))  # type: ignore[arg-type]
