"""Small files in the publishers' layouts, written by the tests: the traps are real, the figures invented."""

from __future__ import annotations

import io
import zipfile

BOM = b"\xef\xbb\xbf"
NEW_FIXED = "statistics_code;statistics_label;time_code;time_label;time"
NEW_VALUE = "value;value_unit;value_variable_code;value_variable_label"
OLD_DE = "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit"
OLD_EN = "Statistics_Code;Statistics_Label;Time_Code;Time_Label;Time"


def new_header(dimensions: int = 2, *, quality: bool = True) -> str:
    groups = [
        f"{n}_variable_code;{n}_variable_label;{n}_variable_attribute_code;{n}_variable_attribute_label"
        for n in range(1, dimensions + 1)
    ]
    return ";".join([NEW_FIXED, *groups, NEW_VALUE] + (["value_q"] if quality else []))


def new_row(region: str, label: str, value: str, *, level="KREISE", sex=";Insgesamt", unit="Anzahl", q="e") -> str:
    row = f"12411;Bevölkerung;STAG;Stichtag;2023-12-31;{level};Regionen;{region};{label};GES;Geschlecht;{sex}"
    return f"{row};{value};{unit};BEVSTD;Bevölkerungsstand" + ("" if q is None else f";{q}")


NEW_ROWS = (
    new_row("DG", "Deutschland", "300", level="DINSG"),
    new_row("01", "Schleswig-Holstein", "100", level="DLAND"),
    new_row("01001", "Flensburg", "60"),
    new_row("01001", "Flensburg", "35", sex="GESW;weiblich"),
    new_row("03241001", "Hannover, Landeshauptstadt", "9"),
    new_row("03152", "Göttingen, Landkreis", "-", q=""),
)


def new_file(*rows: str, header: str | None = None) -> bytes:
    return BOM + ("\n".join((header or new_header(), *(rows or NEW_ROWS))) + "\n").encode()


def old_header(fixed: str = OLD_DE, measures: str = "BEVSTD__Bevoelkerungsstand__Anzahl") -> str:
    if fixed == OLD_DE:
        group = "{n}_Merkmal_Code;{n}_Merkmal_Label;{n}_Auspraegung_Code;{n}_Auspraegung_Label"
    else:
        group = "{n}_Variable_Code;{n}_Variable_Label;{n}_Variable_Code;{n}_Variable_Label"
    return ";".join([fixed, group.format(n=1), group.format(n=2), measures])


def old_row(region: str, label: str, *values: str, sex: str = ";Insgesamt") -> str:
    row = f"12411;Fortschreibung;STAG;Stichtag;31.12.2022;KREISE;Kreise und kreisfreie Städte;{region};{label}"
    return ";".join([row, "GES;Geschlecht", sex, *values])


OLD_ROWS = (
    old_row("DG", "Deutschland", "300"),
    old_row("02", "  Hamburg", "100"),
    old_row("031", "    Braunschweig", "50"),
    old_row("03152", "      Göttingen, Landkreis", "-"),
    old_row("11001001", "      Berlin-Mitte", "/"),
)


def old_file(*rows: str, header: str | None = None) -> bytes:
    return "\n".join((header or old_header(), *(rows or OLD_ROWS))).encode()


PIVOT_NEW = """Tabelle: 12411-0010
Bevölkerung: Bundesländer, Stichtag;;;;
Fortschreibung des Bevölkerungsstandes;;;;;;
Bevölkerungsstand (Anzahl);;;;;;
;Bundesländer;;;;;;
;Bayern;;;;Berlin;;;
;männlich;;weiblich;;männlich;;weiblich;
31.12.2022;101;e;102;e;-;;.;
31.12.2023;111;p;112;e;113;e;114;()
__________
"Berlin: mit einem Strichpunkt; und
einer zweiten Zeile ""in Anführung""."
© Statistisches Bundesamt (Destatis), 2026
Stand: 20.05.2026 / 23:29:57
"""

PIVOT_OLD = """GENESIS-Tabelle: 12521-0099
Ausländer: Deutschland, Jahre;;;
Ausländerstatistik;;;
Deutschland;;;
;;Ausländer (Anzahl);
;;2018;2019
Staatsangehörigkeit;;;
Europa;;;
EU;männlich;1,5;2,5
EU;weiblich;/;(7)
Asien;;;
Türkei;männlich;x;...
__________
(C)opyright Statistisches Bundesamt (Destatis), 2020
Stand: 16.04.2020 / 14:26:51
"""


def pivot_new() -> bytes:
    return BOM + PIVOT_NEW.encode()


def pivot_old() -> bytes:
    return PIVOT_OLD.encode("iso-8859-1")


STRUKTUR = """# © Die Bundeswahlleiterin, Wiesbaden 2024;;;;;;;
# Strukturdaten für die kreisfreien Städte und Landkreise;;;;;;;
#;;;;;;;
Spalten-Nr.;;;1;2;;;
Land;Kreis;Name;Bevölkerung am 31.12.2022 (in 1000);"Übrige ""ohne Angabe"" Oktober 2023 (%)";Fußnoten;;
Bremen;04011;Bremen, Stadt;1.631,4;.;;;
Bremen;04;Bremen Land;2.000,0;-4,7;Sonderfall;;
Niedersachsen;03;Niedersachsen Landkreise;99,1;12,5;;;
Deutschland;99;Deutschland;84.358,8;–;;;
"""


def struktur_new() -> bytes:
    return BOM + STRUKTUR.replace("\n", "\r\n").encode()


def struktur_old() -> bytes:
    return STRUKTUR.encode("cp1252")


def zipped(content: bytes, name: str = "12411_1700000000_de_flat.csv", **more: bytes) -> bytes:
    """The same bytes whenever it is called: a member named by itself would carry the time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, data in {name: content, **more}.items():
            archive.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# name -> a whole file of that layout
EVERY = {
    "ffcsv_new": new_file(),
    "ffcsv_old": old_file(),
    "pivot": pivot_new(),
    "pivot_old": pivot_old(),
    "strukturdaten": struktur_new(),
    "strukturdaten_old": struktur_old(),
}
