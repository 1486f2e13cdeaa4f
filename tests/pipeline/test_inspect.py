"""`mo inspect`: what a file holds, with the traps of its layout named; a damaged file stops no other."""

from __future__ import annotations

import zipfile

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.inspection import inspected

GROUP = "{n}_variable_code;{n}_variable_label;{n}_variable_attribute_code;{n}_variable_attribute_label"
HEADER = ";".join(
    [
        "statistics_code;statistics_label;time_code;time_label;time",
        GROUP.format(n=1),
        GROUP.format(n=2),
        "value;value_unit;value_variable_code;value_variable_label;value_q",
    ]
)


def row(region: str, value: str, *, sex=";Insgesamt", level="KREISE", unit="Anzahl", q="e", variable="GES") -> str:
    start = f"12411;Bevölkerung;STAG;Stichtag;2023-12-31;{level};Ebene;{region};Region {region};{variable};Geschlecht;"
    return start + f"{sex};{value};{unit};BEV;Personen;{q}"


def show(tmp_path, *rows: str, header: str = HEADER) -> str:
    file = tmp_path / "named_without_meaning.dat"
    file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8-sig")
    before = file.read_bytes()
    text = "\n".join(inspected(file))
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
    return text


def test_what_a_file_holds_in_a_few_lines(tmp_path):
    text = show(
        tmp_path,
        row("DG", "300", level="DINSG"),
        row("01", "100", level="DLAND"),
        row("091", "9"),
        row("01001", "60", unit="1000"),
        row("01001", "/", sex="GESW;weiblich", q=""),
    )
    assert "ffcsv, new layout (long: one value column); UTF-8 with BOM" in text
    assert "12411" in text
    assert "2023-12-31" in text
    assert "1 country; 1 states; 1 government regions; 1 districts" in text
    assert "BEV Personen [unit '1000', a multiplier]: 1 figures" in text
    assert "GES: Insgesamt (empty code), 4 rows" in text
    assert "/ 1; quality e 4" in text
    assert "5 rows, 5 figures" in text
    assert "warnings" not in text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("01001", "5"), row("03241001", "2")], "1 keys of 8 digits (03241001, …) count people"),
        ([row("01001", "5"), row("03152", "-")], "1 regions hold nothing but `-` (first: Region 03152, line 3)"),
        (
            [row("01001", "5"), row("01001", "5", variable="GES2", sex="A;a")],
            "dimension 2 holds overlapping groupings (GES, GES2)",
        ),
        (
            [row("01", "5"), row("01", "4", sex="A;a"), row("01", "3", sex="B;b")],
            "the groups of GES add up to more than their total",
        ),
        (
            [row("01001", "5,5"), row("01002", "5.25")],
            "decimal marks are mixed: comma in 1 figures (line 2), point in 1",
        ),
        ([row("01001", "5,5"), row("01002", "1.631,4")], "groups thousands in 1 figures (first '1.631,4', line 3)"),
        ([row("01001", "1.631")], "may group thousands or be a decimal point"),
        ([row("01001", "1 234 567")], "a dot or blank may group thousands or be a decimal point in 1 figures"),
        ([row("01001", "=SUM(A1)")], "1 cells are neither figure nor known marker (first '=SUM(A1)', line 2)"),
        ([row("01001", "")], "1 cells hold neither figure nor marker, first in line 2"),
        ([row("01001", "5"), row("01001", "5")], "2 figures share all their keys with another one, first in line 2"),
    ],
)
def test_the_traps_are_warned_of(tmp_path, rows, said):
    assert said in show(tmp_path, *rows)


def test_municipalities_of_eight_digits_count_nobody_twice(tmp_path):
    text = show(tmp_path, row("01001000", "5", level="GEMEIN"))
    assert "1 municipalities" in text
    assert "second time" not in text


def test_duplicate_names_of_an_old_english_header(tmp_path):
    group = "{n}_Variable_Code;{n}_Variable_Label;{n}_Variable_Code;{n}_Variable_Label"
    header = "Statistics_Code;Statistics_Label;Time_Code;Time_Label;Time;" + group.format(n=1) + ";P__Persons__number"
    text = show(tmp_path, "1;s;JAHR;Year;2020;DLAND;States;01;  A;5", header=header)
    assert "2 column names stand twice in the header" in text


def test_sums_among_the_districts_of_structure_data(tmp_path):
    rows = ["# c;;;;", "Nr;;;1;", "Land;Kreis;Name;Zahl 2020 (%);", "B;04;B Landkreise;1,5;", "B;04011;B;2,5;"]
    text = show(tmp_path, *rows[1:], header=rows[0])
    assert "1 districts; 1 sums of parts" in text
    assert "1 rows are sums of other rows" in text


def test_control_characters_are_shown_and_never_sent(tmp_path):
    text = show(tmp_path, row("01001", "\x1b[31m7"))
    assert "\x1b" not in text


def test_the_projects_own_layout_is_known(tmp_path):
    file = tmp_path / "figures.csv"
    file.write_text("region,region_label,reference,measure,value,marker\nDE,D,2018,m,1,\n", encoding="utf-8")
    assert inspected(file)[0].endswith("kind observation; UTF-8")


def test_every_machine_sheet_of_a_workbook_is_shown(tmp_path):
    texts = []
    header = ["Statistik_Code", "Statistik_Label", "VARIABLE_0", "VALUE_0", "VARIABLE_1", "VALUE_1"]
    header += ["VARIABLE_2", "VALUE_2", "Bevoelkerung"]
    row = ["12211", "Mikrozensus", "Jahr", "2024", "Länder", "Hessen", "Alter; Jahre", "unter 5", "799"]
    for table in (header, row), (header, row, [*row[:7], "5 bis 10", "/"]):
        cells = ["".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in line) for line in table]
        texts.append("".join(f"<row>{line}</row>" for line in cells))
    office, package = (f"http://schemas.openxmlformats.org/{name}" for name in ("officeDocument/2006", "package/2006"))
    relation = '<Relationship Id="{0}" Type="x/{1}" Target="{2}"/>'.format
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}"><Override PartName="/b.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": f"<Relationships>{relation('a', 'officeDocument', 'b.xml')}</Relationships>",
        "_rels/b.xml.rels": "<Relationships>"
        + "".join(relation(n, "worksheet", f"s{n}.xml") for n in range(2))
        + "</Relationships>",
        "b.xml": f'<workbook xmlns:r="{office}/relationships"><sheets><sheet name="csv-12211-1" sheetId="1" r:id="0"/>'
        '<sheet name="csv-12211-2" sheetId="2" r:id="1"/></sheets></workbook>',
        **{f"s{n}.xml": f"<worksheet {main}><sheetData>{text}</sheetData></worksheet>" for n, text in enumerate(texts)},
    }
    file = tmp_path / "report.bin"
    with zipfile.ZipFile(file, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    shown = inspected(file)
    first, second = shown.index("  sheet csv-12211-1"), shown.index("  sheet csv-12211-2")
    assert first < second
    assert any("1 rows, 1 figures" in line for line in shown[first:second])
    assert any("2 rows, 2 figures" in line for line in shown[second:])
    assert any("Alter; Jahre: 2 labels" in line for line in shown[second:])
    assert any("`Ende der Tabelle.` is missing" in line for line in shown[second:])
    assert "1 states" in "\n".join(shown)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match="cannot be read"):
            inspected(path)


def test_a_damaged_file_stops_no_other_and_the_status_says_so(tmp_path):
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.csv"
    good.write_text(HEADER + "\n" + row("01001", "5") + "\n", encoding="utf-8-sig")
    bad.write_text("<html><title>Wartung</title></html>", encoding="utf-8")
    result = CliRunner().invoke(app, ["inspect", str(bad), str(good)])
    assert result.exit_code == 1
    assert f"error: {bad}, line 1: this is a web page" in result.stderr
    assert "1 districts" in result.stdout
    assert CliRunner().invoke(app, ["inspect", str(good)]).exit_code == 0
