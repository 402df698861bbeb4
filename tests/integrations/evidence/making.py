"""Papers as programs make them, with a text in one of the places that they have for it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

_NS = "urn:oasis:names:tc:opendocument:xmlns"


def pdf(*pages: str) -> bytes:
    """Make a PDF with a line of text on each page; an empty one is as a scan is."""
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(595, 842)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        if text:
            stream = DecodedStreamObject()
            quoted = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            drawn = f"BT /F1 12 Tf 60 760 Td ({quoted}) Tj ET"
            stream.set_data(drawn.encode("cp1252"))
            page[NameObject("/Contents")] = writer._add_object(stream)
    return _written(writer)


def scan(*widths: int, mode: str = "RGB") -> bytes:
    """Make a PDF as a scanner does: of each page a picture, so many dots wide."""
    pages = [Image.new(mode, (width, 200)) for width in widths]
    out = BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def changed(change: Callable[[PdfWriter], object]) -> bytes:
    """Make a PDF of one page and change it."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf("Factuur"))))
    change(writer)
    return _written(writer)


def _property(text: str) -> bytes:
    return changed(lambda writer: writer.add_metadata({"/Subject": text}))


def _xmp(text: str) -> bytes:
    def change(writer: PdfWriter) -> None:
        stream = DecodedStreamObject()
        stream[NameObject("/Type")] = NameObject("/Metadata")
        stream.set_data(f"<x:xmpmeta><dc:title>{text}</dc:title></x:xmpmeta>".encode())
        writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)

    return changed(change)


def _note(text: str) -> bytes:
    def change(writer: PdfWriter) -> None:
        note = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
        note[NameObject("/Subtype")] = NameObject("/Text")
        note[NameObject("/Contents")] = TextStringObject(text)
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])

    return changed(change)


def _bookmark(text: str) -> bytes:
    return changed(lambda writer: writer.add_outline_item(title=text, page_number=0))


def _e_invoice(text: str) -> bytes:
    return changed(lambda writer: writer.add_attachment("f.xml", f"<note>{text}</note>".encode()))


def _compressed(text: str) -> bytes:
    def change(writer: PdfWriter) -> None:
        writer.add_metadata({"/Keywords": text})
        writer.encrypt("", "eigenaar", algorithm="AES-256")

    return changed(change)


def _earlier_version(text: str) -> bytes:
    """Make a PDF of which the text was replaced by a change at its end."""
    first = pdf(text)
    writer = PdfWriter(BytesIO(first), incremental=True)
    empty = DecodedStreamObject()
    empty.set_data(b"BT /F1 12 Tf 60 760 Td (niets) Tj ET")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(empty)
    changed = _written(writer)
    assert changed.startswith(first.rstrip())
    return changed


#: Where a PDF can hold a text.
IN_PDF: Mapping[str, Callable[[str], bytes]] = {
    "page": pdf,
    "second page": lambda text: pdf("Factuur", text),
    "property": _property,
    "XMP": _xmp,
    "note": _note,
    "bookmark": _bookmark,
    "file in the file": _e_invoice,
    "opens without a password": _compressed,
    "before a change": _earlier_version,
}


def workbook(place: str = "", text: str = "") -> bytes:
    """Make a workbook with all kinds of parts, and the text in one of them."""
    at = {place: text}
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(at.get("name of a sheet", "Facturen"))
    sheet.write_row(0, 0, ["factuur", "bedrag", "datum"])
    sheet.write_row(1, 0, [at.get("cell", "F-1"), 1234567.82, "12-03-2026"])
    sheet.set_column(0, 2, 12.7109375)
    bold = book.add_format({"bold": True})
    cut = at.get("cut in pieces", "Factuur")
    sheet.write_rich_string(2, 0, cut[:4], bold, cut[4:] or "-", " ")
    sheet.write_formula(3, 0, f'="{at.get("formula", "som")}"', None, "")
    sheet.write_comment(1, 1, at.get("comment", "nagekeken"), {"author": at.get("author", "a")})
    sheet.set_header("&L" + at.get("header", "Facturen"))
    sheet.set_footer("&C" + at.get("footer", "&P"))
    sheet.insert_textbox(5, 1, at.get("text box", "Toelichting"))
    sheet.write_url(6, 0, "https://example.org/" + at.get("link", "x"), string="link")
    sheet.data_validation(
        7,
        0,
        7,
        0,
        {"validate": "any", "input_title": "t"}
        | {"input_message": at.get("help of a cell", "Vul in")},
    )
    book.set_properties({"title": "Facturen", "comments": at.get("property", "geen")})
    book.set_custom_property("Kenmerk", at.get("own property", "F"))
    book.define_name("lijst", f'="{at.get("name", "x")}"')
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='" + at.get("name of a sheet", "Facturen") + "'!$B$2:$B$2"})
    chart.set_title({"name": at.get("chart", "Bedragen")})
    sheet.insert_chart(8, 0, chart)
    book.close()
    return out.getvalue()


IN_WORKBOOK = (
    "name of a sheet", "cell", "cut in pieces", "formula", "comment", "author", "header", "footer",
    "text box", "link", "help of a cell", "property", "own property", "name", "chart",
)  # fmt: skip


def opendocument(place: str = "", text: str = "") -> bytes:
    """Make an OpenDocument sheet with the text in one of its parts."""
    at = {place: text}
    spaces = " ".join(
        f'xmlns:{one}="{_NS}:{one}:1.0"' for one in ("office", "table", "text", "meta")
    )
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    note = f"<office:annotation><dc:creator>a</dc:creator><text:p>{at.get('comment', 'n')}</text:p>"
    cut = at.get("cut in pieces", "Factuur")
    cells = (
        f"<table:table-cell>{note}</office:annotation><text:p>{at.get('cell', 'F-1')}</text:p>"
        "</table:table-cell>"
        f"<table:table-cell><text:p>{cut[:4]}<text:span>{cut[4:]}</text:span></text:p>"
        '</table:table-cell><table:table-cell office:value-type="float" office:value="1234567.82">'
        "<text:p>1.234.567,82</text:p></table:table-cell>"
    )
    parts = {
        "content.xml": f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Blad"><table:table-row>{cells}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>",
        "meta.xml": f"<office:document-meta {spaces}><office:meta><meta:user-defined>"
        f"{at.get('property', 'geen')}</meta:user-defined></office:meta></office:document-meta>",
        "styles.xml": f"<office:document-styles {spaces}><office:master-styles><text:p>"
        f"{at.get('header', 'kop')}</text:p></office:master-styles></office:document-styles>",
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


IN_OPENDOCUMENT = ("cell", "comment", "cut in pieces", "property", "header")


def png(*extra: tuple[bytes, bytes]) -> bytes:
    """Make a picture of one colour, with extra chunks before its end."""
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    data = zlib.compress((b"\0" + b"\x50\x80\xa0" * 4) * 4)
    chunks = [(b"IHDR", head), *extra, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def segment(marker: int, body: bytes) -> bytes:
    """Make a segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpg(*extra: bytes, behind: bytes = b"") -> bytes:
    """Make the parts of a JPEG in their order, with extra segments and bytes behind its end."""
    head = segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0")
    picture = segment(0xDB, bytes(65)) + segment(0xC0, bytes(15)) + segment(0xDA, bytes(10))
    scan = b"\x12\xff\x00\x34\xff\xd0\x56\xff\xff\xd1\x78"
    return b"\xff\xd8" + head + b"".join(extra) + picture + scan + b"\xff\xd9" + behind


def exif(turned: int, text: bytes, order: str = "<") -> bytes:
    """Make what a camera writes: how the photo is turned, and a text."""
    begin = b"II*\0" if order == "<" else b"MM\0*"
    first = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0)
    second = struct.pack(f"{order}HHII", 0x010E, 2, len(text), 38)
    tiff = begin + struct.pack(f"{order}IH", 8, 2) + first + second + bytes(4) + text
    return segment(0xE1, b"Exif\0\0" + tiff)


def kept(folder: Path, content: bytes, ending: str) -> Path:
    """Write a file to be searched."""
    path = folder / f"paper{ending}"
    path.write_bytes(content)
    return path


def recogniser(folder: Path, lines: str, before: str = "") -> Path:
    """A folder with a library that looks as the one for photos does, and reads these lines."""
    library = folder / "library"
    library.mkdir(exist_ok=True)
    source = f"""
class RapidOCR:
    def __init__(self, params=None):
        self.txts = None

    def __call__(self, path):
        {before or "open(path, 'rb').close()"}
        self.txts = tuple({lines!r}.splitlines()) or None
        return self
"""
    (library / "rapidocr.py").write_text(source)
    return library
