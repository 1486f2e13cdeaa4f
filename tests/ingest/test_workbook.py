"""Machine sheets of a Statistischer Bericht: every figure as printed, or an error that names sheet, row and remedy."""

from __future__ import annotations

import re
import struct
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import new_file, zipped
from workbooks import END, HEADER, MAIN, NAME, OFFICE, PACKAGE, ROWS, START, TYPE, VALUE, Raw, book, packed, parts, row

from pipeline.errors import InputError
from pipeline.ingest import Table, archive, read, recognise, workbook, xml_parts
from pipeline.ingest.overview import lines, overview

SHEET = "xl/worksheets/sheet1.xml"


def whole(data: bytes, sheet: str | None = None) -> Table:
    """As far as `mo inspect` goes."""
    recognised = recognise(data, file="x.csv")
    assert recognised.layout == "statistischer_bericht"
    table = read(recognised, sheet=sheet)
    assert lines(overview(recognised, table))
    return table


def refused(data: bytes, sheet: str | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        whole(data, sheet)
    assert caught.value.file == "x.csv"
    assert caught.value.remedy
    return caught.value


def one(table: Table, row: int = 0) -> dict[str, object]:
    return table.cells.row(row, named=True)


def changed(part: str, old: str, new: str, *, count: int = -1) -> bytes:
    """The usual workbook of one machine sheet with something replaced in one part."""
    files = parts({NAME: [HEADER, *ROWS, END]})
    assert old in files[part]
    files[part] = files[part].replace(old, new, count)
    return packed(files)


def test_a_figure_with_its_place_and_keys():
    table = whole(book())
    assert table.tables == ("12211-14",)
    assert table.titles == ("Mikrozensus",)
    assert table.header == HEADER
    assert (table.rows, table.cells.height, table.doubts) == (6, 6, ())
    assert one(table, 3) == {
        "line": 5,
        "position": 9,
        "column": VALUE,
        "time_code": "Berichtsjahr",
        "time": "2024",
        "region_variable": "Gebietsstand",
        "region": None,
        "region_label": "Bayern",
        "dimensions": "Bevölkerungsgruppe=Insgesamt",
        "measure": VALUE,
        "measure_label": None,
        "unit": None,
        "value": "3050",
        "quality": "()",
    }
    assert table.cells["value"].to_list() == ["20799", "20000", "799", "3050", "/", "-"]
    assert table.cells["quality"].to_list() == ["e", "e", "e", "()", "", ""]
    assert one(table, 5)["dimensions"] == r"Bevölkerungsgruppe=a\=b\;c"


def test_the_machine_sheets_are_told_from_those_for_people():
    data = packed(parts())
    found = recognise(data, file="named_without_meaning.csv")
    assert (found.layout, found.encoding, found.sheets) == ("statistischer_bericht", "xlsx", (NAME,))
    assert read(found).cells.equals(whole(book()).cells)
    assert list(workbook.sheets(data, file="x")) == [NAME]


def test_of_two_machine_sheets_one_is_named():
    data = packed(parts({NAME: [HEADER, *ROWS, END], "csv-12211-40": [HEADER, ROWS[0], END]}))
    error = refused(data)
    assert "2 machine sheets: 'csv-12211-14', 'csv-12211-40'" in str(error)
    assert whole(data, "csv-12211-40").rows == 1
    assert whole(data, "csv-12211-40").tables == ("12211-40",)
    assert "no machine sheet 'Titel'; it has 'csv-12211-14'" in str(refused(data, "Titel"))
    assert {name: table.rows for name, table in workbook.sheets(data, file="x").items()} == {NAME: 6, "csv-12211-40": 1}


def test_a_text_file_has_no_sheets():
    with pytest.raises(InputError, match="no sheet 'a'"):
        read(recognise(new_file(), file="x"), sheet="a")


def test_another_workbook_is_refused_with_the_names_of_its_sheets():
    error = refused(packed(parts({"Titel": [["a"]], "12211-14": [["b"]]})))
    assert "without a machine sheet (csv-…); its sheets are 'Titel', '12211-14'" in str(error)
    assert "Statistische Berichte" in (error.remedy or "")
    assert "and 28 more" in str(refused(packed(parts({f"T{n}": [["a"]] for n in range(40)}))))


def test_labels_decide_nothing_that_the_values_do_not():
    def cells(*pairs: tuple[str, str]) -> dict[str, object]:
        """Keys of the first of two rows; a pair may give both values, parted by a bar."""
        header = ["Statistik_Code", "Statistik_Label"]
        rows: list[list[object]] = [["12211", "M"], ["12211", "M"]]
        for n, (variable, values) in enumerate(pairs):
            header += [f"VARIABLE_{n}", f"VALUE_{n}"]
            for k, cells in enumerate(rows):
                cells += [variable, values.split("|")[k if "|" in values else 0]]
        keys = one(whole(book(*([*cells, 5] for cells in rows), header=[*header, VALUE])))
        return {name: keys[name] for name in ("time", "region_variable", "region_label", "dimensions")}

    assert cells(("Jahr", "2024"), ("Länder der Geburt", "Deutschland|Türkei")) == {
        "time": "2024",
        "region_variable": None,
        "region_label": None,
        "dimensions": "Länder der Geburt=Deutschland",
    }
    assert cells(("ganz neu", "2023"), ("auch neu", " Sachsen |Deutschland")) == {
        "time": "2023",
        "region_variable": "auch neu",
        "region_label": " Sachsen ",
        "dimensions": "",
    }
    # A year of naturalisation is no date of the figure; a level named as such is a region, whatever its label.
    assert cells(("Merkmal", "a"), ("Einbürgerungsjahr", "1999"), ("Bundesland", "Stadtstaaten")) == {
        "time": None,
        "region_variable": "Bundesland",
        "region_label": "Stadtstaaten",
        "dimensions": "Merkmal=a;Einbürgerungsjahr=1999",
    }
    assert (
        cells(("Gebietsstand", "Deutschland"), ("Jahr", "2024"), ("Land", "Hessen|Bremen"))["region_label"] == "Hessen"
    )


def test_a_pair_without_a_variable_is_left_out_of_the_dimensions():
    table = whole(book((*START, "Land", "Hessen", None, None, 5, "e"), row("Bremen", 6)))
    assert table.cells["dimensions"].to_list() == ["", "Bevölkerungsgruppe=Insgesamt"]


def test_several_columns_of_figures_and_their_units():
    header = (*HEADER[:8], "Personen (1 000)", "Anteil (%)", "Qualitaetskennzeichen")
    table = whole(book((*row("Hessen", 5)[:8], 5, 1.5, "()"), header=header))
    assert table.cells.select("position", "measure", "unit", "value", "quality").rows() == [
        (9, "Personen (1 000)", "1 000", "5", "()"),
        (10, "Anteil (%)", "%", "1.5", "()"),
    ]
    assert "beside several figures" in table.doubts[0]


def test_what_the_layout_leaves_open_is_read_with_a_doubt():
    assert "`Ende der Tabelle.` is missing" in whole(book(end=None)).doubts[0]
    without = whole(book(*(cells[:-1] for cells in ROWS), header=HEADER[:-1]))
    assert without.cells["quality"].null_count() == 6
    assert "no column Qualitaetskennzeichen" in without.doubts[0]
    other = whole(book(row("Hessen", 5), ("12521", *row("Hessen", 6)[1:])))
    assert "statistics 12211, 12521" in other.doubts[0]
    rounded = whole(book(row("Hessen", Raw('<c r="{at}" s="1"><v>5.4</v></c>')), formats=("0",)))
    assert one(rounded)["value"] == "5"
    assert f"(first {NAME}!I2)" in rounded.doubts[0]


def test_the_same_sheet_in_another_dress():
    expected = whole(book()).cells
    files = parts({NAME: [HEADER, *ROWS, END]})
    prefixed = dict(files)
    prefixed[SHEET] = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", files[SHEET]).replace("xmlns=", "xmlns:x=")
    assert whole(packed(prefixed)).cells.equals(expected)
    unplaced = {**files, SHEET: re.sub(r'<row r="[0-9]+"', "<row", files[SHEET])}
    assert whole(packed(unplaced)).cells.equals(expected)
    indented = {**files, SHEET: files[SHEET].replace("><", ">\n  <")}
    assert whole(packed(indented)).cells.equals(expected)
    sixteen = {**files, SHEET: f'<?xml version="1.0" encoding="UTF-16"?>{files[SHEET]}'.encode("utf-16")}
    assert whole(packed(sixteen)).cells.equals(expected)
    upper = {("xl/SharedStrings.xml" if "shared" in name else name): text for name, text in files.items()}
    assert whole(packed(upper)).cells.equals(expected)
    extras = {**files, "xl/vbaProject.bin": b"\xd0\xcf", "../../evil.xml": "x", "/etc/passwd": "y", "a\\b": "z"}
    assert whole(packed(extras)).cells.equals(expected)


def test_a_sheet_in_another_standard_is_refused_and_not_empty():
    strict = changed(SHEET, MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    assert "no worksheet but 'http://purl.oclc.org/ooxml/spreadsheetml/main worksheet'" in str(refused(strict))


def test_kinds_of_text_in_a_cell():
    sound = '<rPh sb="0" eb="1"><t>x</t></rPh>'

    def value(xml: str) -> object:
        return one(whole(book(row(Raw(xml), 5), row("Sachsen", 6))))["region_label"]

    assert value('<c r="{at}" t="str"><v>Hessen</v></c>') == "Hessen"
    assert value('<c r="{at}" t="inlineStr"><is><t>Hes</t><r><t>sen</t></r>' + sound + "</is></c>") == "Hessen"
    assert value('<c r="{at}" t="inlineStr"><is><t>a_x000D__x0000__xD800_</t></is></c>') == "a\r_x0000__xD800_"
    assert value('<c r="{at}" t="inlineStr"><is><t> Hessen </t></is></c>') == " Hessen "
    rich = changed("xl/sharedStrings.xml", ">Bayern</t>", f">Bay</t>{sound}<r><t>ern</t></r>")
    assert one(whole(rich), 3)["region_label"] == "Bayern"


@pytest.mark.parametrize(
    "value", ["-", "/", ".", "x", "...", "()", "0", "(12)", " 12 ", "1 234", "12,5", Raw('<c r="{at}"/>'), None]
)
def test_signs_and_figures_as_text_stay_as_printed(value):
    expected = value if isinstance(value, str) and not isinstance(value, Raw) else ""
    assert one(whole(book(row("Hessen", value))))["value"] == expected


def test_the_number_format_belongs_to_what_is_printed():
    values = [
        Raw(f'<c r="{{at}}" s="{n}"><v>{v}</v></c>') for n, v in ((0, "20799.0"), (1, 12), (2, 0), (3, 7), (0, 0.1))
    ]
    data = book(*(row("Hessen", value) for value in values), formats=('"("0")"', '0;-0;"-"', "#,##0.0"))
    assert whole(data).cells["value"].to_list() == ["20799", "(12)", "-", "7.0", "0.1"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<c r="{at}" t="e"><v>#REF!</v></c>', "holds the error '#REF!'"),
        ('<c r="{at}" t="e"/>', "holds the error nothing"),
        ('<c r="{at}"><f>A1+1</f></c>', "holds a formula"),
        ('<c r="{at}"><f>A1+1</f><v>5</v></c>', "holds a formula"),
        ('<c r="{at}" t="str"><f>A1</f><v>/</v></c>', "holds a formula"),
        ('<c r="{at}" t="b"><v>1</v></c>', "holds the truth value"),
        ('<c r="{at}" t="d"><v>2024-12-31</v></c>', "holds the date"),
        ('<c r="{at}" s="1"><v>45657</v></c>', "holds a date"),
        ('<c r="{at}" s="2"><v>0.5</v></c>', "another number"),
        ('<c r="{at}"><v>zwölf</v></c>', "'zwölf'"),
        ('<c r="{at}" t="inlineStr"><is><t>12 Personen</t></is></c>', "'12 Personen' where a figure"),
        ('<c r="{at}" t="s"><v>999</v></c>', "refers to the text '999'"),
        ('<c r="{at}" t="s"><v>-1</v></c>', "refers to the text '-1'"),
        ('<c r="{at}" t="zz"><v>1</v></c>', "unknown kind 'zz'"),
        ('<c r="{at}" s="77"><v>1</v></c>', "style '77'"),
    ],
)
def test_a_cell_that_holds_no_figure_is_told_with_sheet_cell_and_row(cell, said):
    error = refused(book(ROWS[0], row("Hessen", Raw(cell)), formats=("dd.mm.yyyy", "0%")))
    assert said in str(error)
    assert f"sheet {NAME!r}, cell I3" in str(error)
    assert error.line == 3


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ((*HEADER[:5], HEADER[6], *HEADER[6:]), "'VARIABLE_2' stands twice"),
        (HEADER[1:], "lacks the column 'Statistik_Code'"),
        ((HEADER[0], *HEADER[2:]), "lacks the column 'Statistik_Label'"),
        ((*HEADER[:2], *HEADER[4:]), "lacks the column 'VARIABLE_0'"),
        ((*HEADER[:4], *HEADER[6:]), "'VARIABLE_2' has no counterpart"),
        ((*HEADER[:7], *HEADER[8:]), "'VARIABLE_2' has no counterpart"),
        ((*HEADER[:8], HEADER[9]), "names no column of figures"),
        ((*HEADER[:2], "Zeit", *HEADER[2:]), "'Zeit' is not known"),
        ((*HEADER[:4], None, None, *HEADER[6:]), "column E has no heading"),
        (("Bevölkerung nach Ländern",), "lacks the column 'Statistik_Code'"),
    ],
)
def test_a_changed_header(header, said):
    error = refused(book(header=header))
    assert said in str(error)
    assert repr(NAME) in str(error)
    assert error.line == 1


@pytest.mark.parametrize(
    ("rows", "said", "line"),
    [
        ([ROWS[0], END, ROWS[1]], "more after the last row `Ende der Tabelle.` in row 3", 4),
        ([ROWS[0], HEADER, ROWS[1]], "second table", 3),
        ([ROWS[0], (*ROWS[1], "späte Notiz")], "cell K3 holds 'späte Notiz'", 3),
        ([ROWS[0], (None, *ROWS[1][1:])], "cell A3 is empty", 3),
        ([ROWS[0], ("1) Ohne Angabe.",)], "cell C3 names no variable", 3),
        ([ROWS[0], (*ROWS[1][:6], None, *ROWS[1][7:])], "cell G3 names no variable", 3),
    ],
)
def test_a_row_that_is_none_of_the_table(rows, said, line):
    error = refused(book(*rows))
    assert said in str(error)
    assert repr(NAME) in str(error) or "second" in said
    assert error.line == line


def test_empty_rows_and_sheets():
    assert whole(book(ROWS[0], (), (None, "  "), ROWS[1])).cells["line"].to_list() == [2, 5]
    assert "is empty" in str(refused(packed(parts({NAME: []}))))
    assert "no row below" in str(refused(packed(parts({NAME: [HEADER, END]}))))


def test_merged_cells_are_told():
    error = refused(book(after='<mergeCells><mergeCell ref="C1:D1"/></mergeCells>'))
    assert "merged cells: to which column or row the text of C1:D1 belongs" in str(error)
    assert error.line == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('<row r="3">', '<row r="2">', "row '2' after row 2"),
        ('<row r="3">', '<row r="1048577">', "row '1048577'"),
        ('<row r="3">', '<row r="-3">', "row '-3'"),
        ('r="B3"', 'r="A3"', "'A3' twice"),
        ('r="B3"', 'r="B4"', "'B4' twice or out"),
        ('r="B3"', 'r="XFE3"', "'XFE3'"),
        ('r="B3"', 'r="3"', "'' is not a valid column name"),
        ('<row r="3">', '<row r="x">', "'x'"),
        ("</worksheet>", "", "no XML"),
        ("<sheetData>", "<sheetData>&unknown;", "no XML"),
    ],
)
def test_a_sheet_out_of_order(old, new, said):
    assert said in str(refused(changed(SHEET, old, new, count=1)))


def test_cells_of_another_namespace_are_none():
    assert "is empty" in str(refused(changed(SHEET, "<row", '<row xmlns="urn:other"')))


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        (
            "[Content_Types].xml",
            TYPE,
            "application/vnd.openxmlformats.wordprocessingml.document.main+xml",
            "no workbook",
        ),
        ("[Content_Types].xml", TYPE, "application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
        ("[Content_Types].xml", "<Types", "<<", "no XML"),
        ("[Content_Types].xml", "/xl/workbook.xml", "/xl/nowhere.xml", "'xl/nowhere.xml' is missing"),
        ("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet9.xml", "missing"),
        ("xl/_rels/workbook.xml.rels", '/worksheet"', '/worksheet" TargetMode="External"', "outside the file"),
        ("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "../../../../etc/passwd", "missing"),
        ("xl/_rels/workbook.xml.rels", '/worksheet"', '/chartsheet"', "without a machine sheet"),
        ("xl/_rels/workbook.xml.rels", "sharedStrings.xml", "gone.xml", "'xl/gone.xml' is missing"),
        ("xl/workbook.xml", "</sheets>", f'<sheet name="{NAME}" sheetId="2" r:id="r1"/></sheets>', "two sheets"),
        ("xl/styles.xml", 'numFmtId="0"', 'numFmtId="x"', "expected <class 'int'>"),
        # A built-in date of East Asia, which openpyxl takes for General.
        ("xl/styles.xml", '<xf numFmtId="0"', '<xf numFmtId="30"', "holds a date"),
        ("xl/sharedStrings.xml", "</sst>", "", "no XML"),
    ],
)
def test_a_damaged_part_is_told(part, old, new, said):
    assert said in str(refused(changed(part, old, new)))


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/workbook.xml", SHEET, "xl/sharedStrings.xml"]
)
def test_entities_that_double_each_other_are_refused_before_they_are_read(part):
    files = parts({NAME: [HEADER, *ROWS, END]})
    laughs = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    first, _, rest = files[part].partition(">")
    files[part] = f"<!DOCTYPE x [{laughs}]>{first}>&a11;{rest}"
    error = refused(packed(files))
    assert "declares XML entities" in str(error)
    assert part.lower() in str(error).lower()


def peak(data: bytes) -> int:
    tracemalloc.start()
    try:
        refused(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_a_workbook_claims_of_its_size_reserves_nothing():
    assert whole(book(claim="A1:XFD1048576")).rows == 6
    far = Raw('<c r="XFD2"><v>1</v></c>')
    assert peak(book((*START, far))) < 5_000_000
    last = changed(SHEET, '<row r="8">', '<row r="1048576">')
    assert "out of its place" in str(refused(last))
    wide = book(header=[Raw(f'<c r="{c}1" t="inlineStr"><is><t>{c}</t></is></c>') for c in ("A", "XFD")])
    assert "16384 cells" in str(refused(wide))


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch):
    files = parts({NAME: [HEADER, *ROWS, END]})
    blank = files[SHEET].replace("<sheetData>", "<sheetData>" + " " * 30_000_000)
    assert peak(packed({**files, SHEET: blank})) < 5_000_000
    assert "unpacks to more than 16777216 bytes" in str(refused(packed({**files, "xl/media/a.png": b"0" * 20_000_000})))
    big = packed({**files, "docProps/app.xml": b"0" * 1_000_000})
    lying = big.replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10))
    assert whole(lying).rows == 6  # never opened
    sheet = files[SHEET].encode()
    short = packed(files).replace(struct.pack("<I", len(sheet)), struct.pack("<I", 100))
    assert "damaged" in str(refused(short))
    many = packed({**files, **{f"m{n}": b"" for n in range(archive.MAX_MEMBERS)}})
    assert "more than 10000 members" in str(refused(many))
    assert "declares" not in str(refused(changed("xl/workbook.xml", "<sheets>", "<sheets>" + " " * 17_000_000)))
    monkeypatch.setattr(xml_parts, "MAX_TAGS", 80)
    assert "has more than 80 tags" in str(refused(book()))


def test_an_endless_tag_does_not_hang():
    files = parts({NAME: [HEADER, *ROWS, END]})
    noise = "".join(f" a{n}=''" for n in range(800_000))
    error = refused(packed({**files, SHEET: files[SHEET].replace("<sheetData>", f"<sheetData{noise}>")}))
    assert "tag without an end" in str(error)


def test_two_members_of_one_name_are_refused():
    buffer = BytesIO()
    files = parts({NAME: [HEADER, *ROWS, END]})
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
        made.writestr(SHEET.upper(), files[SHEET])
    assert "two members of one name" in str(refused(buffer.getvalue()))


def test_encryption_and_other_containers_are_told():
    data = bytearray(book())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in str(refused(bytes(data)))
    assert "with a password" in str(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600))
    assert "web page" in str(refused(b"<html><table><tr><td>Statistik_Code</td></tr></table></html>"))
    assert "unpack it and give the workbook itself" in str(refused(zipped(book(), "statistischer-bericht.xlsx")))
    word = {"[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>', "word/document.xml": "<a/>"}
    assert "no workbook" in str(refused(packed(word)))
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as made:
        for name, text in parts().items():
            made.writestr(name, text)
    assert "compression" in str(refused(buffer.getvalue()))


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999])
def test_a_cut_workbook(share):
    data = book()
    assert "damaged" in str(refused(data[: int(len(data) * share)]))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_gives_the_same_figures_or_an_error(place, change):
    data = bytearray(book())
    data[place % len(data)] ^= change
    expected = whole(book()).cells
    try:
        right = read(recognise(bytes(data), file="x.csv")).cells.equals(expected)
    except InputError as error:
        right = bool(error.remedy)
    assert right


def test_external_links_and_drawings_are_never_followed():
    related = f'<Relationship Id="z" Type="{OFFICE}/externalLink" TargetMode="External" Target="file:///etc/passwd"/>'
    data = changed("xl/_rels/workbook.xml.rels", "</Relationships>", f"{related}</Relationships>")
    assert whole(data).rows == 6


def test_a_damaged_second_sheet_does_not_hide_behind_a_good_first():
    data = packed(parts({NAME: [HEADER, *ROWS, END], "csv-12211-15": [HEADER, row("Hessen", "zwölf"), END]}))
    assert whole(data, NAME).rows == 6
    with pytest.raises(InputError, match=r"csv-12211-15.*I2"):
        workbook.sheets(data, file="x")
