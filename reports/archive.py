"""A drawn record made fit for the archive: PDF/A-3a and PDF/UA-1 (ISO 19005-3, ISO 14289-1), its canonical JSON within it.

Tags and text are there already (`tags`, `frame`); here come what the file says of itself, its colours, and the attachment.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import md5, sha256
from html import escape
from io import BytesIO

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf, Stream, StreamDecodeLevel, String

from reports.icc import srgb
from reports.packing import deflated, packed

RECORD = "record.json"
"""The name of the attachment."""

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li><rdf:li xml:lang="{language}">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<dc:identifier>{identifier}</dc:identifier>
<pdf:Producer>{producer}</pdf:Producer>
<xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def archived(pdf: bytes, record: str, *, at: datetime, renderer: str) -> bytes:
    """The PDF with its record attached, as what it was made of; equal input gives equal bytes.

    `record`: canonical JSON, attached byte for byte, so its SHA-256 is the one on paper. `at`: what the record is as of.
    """
    with Pdf.open(BytesIO(pdf)) as made:
        root, moment = made.Root, at.astimezone(UTC)
        title, creator = str(made.docinfo.Title), str(made.docinfo.Author)
        digest, language = sha256(record.encode()).hexdigest(), str(root.Lang)
        told = _XMP.format(
            title=escape(title), creator=escape(creator), language=escape(language), producer=escape(renderer),
            identifier=f"sha256:{digest}", at=f"{moment:%Y-%m-%dT%H:%M:%S}+00:00",
        )  # fmt: skip
        dated = String(f"D:{moment:%Y%m%d%H%M%S}+00'00'")
        made.trailer.Info = made.make_indirect(
            Dictionary(Title=title, Author=creator, Producer=renderer, CreationDate=dated, ModDate=dated)
        )
        root.Metadata = made.make_stream(told.encode(), Type=Name.Metadata, Subtype=Name.XML)
        root.OutputIntents = Array([
            Dictionary(
                Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier="sRGB", Info="sRGB IEC61966-2.1",
                DestOutputProfile=_stream(made, srgb(), N=3),
            )
        ])  # fmt: skip
        attached = made.make_indirect(_attachment(made, record.encode(), digest, dated))
        root.AF = Array([attached])
        root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(RECORD), attached])))
        out = BytesIO()
        made.save(
            out, min_version="1.7", object_stream_mode=ObjectStreamMode.disable, compress_streams=False,
            stream_decode_level=StreamDecodeLevel.none, deterministic_id=True, fix_metadata_version=False,
        )  # fmt: skip
    return packed(out.getvalue())


def _stream(made: Pdf, data: bytes, **entries: object) -> Stream:
    small = deflated(data)
    return (
        made.make_stream(data, **entries)
        if small is None
        else made.make_stream(small, Filter=Name.FlateDecode, **entries)
    )


def _attachment(made: Pdf, data: bytes, digest: str, dated: String) -> Dictionary:
    """Source: the pages were made of it. The check sum is MD5 because the format asks for that one; nothing rests on it."""
    held = _stream(
        made, data, Type=Name.EmbeddedFile, Subtype=Name("/application/json"),
        Params=Dictionary(Size=len(data), ModDate=dated, CheckSum=String(md5(data, usedforsecurity=False).digest())),
    )  # fmt: skip
    return Dictionary(
        Type=Name.Filespec, F=RECORD, UF=RECORD, EF=Dictionary(F=held, UF=held), AFRelationship=Name.Source,
        Desc=f"The record as canonical JSON, SHA-256 {digest}",
    )  # fmt: skip
