"""A drawn record made fit for the archive: PDF/A-3a and PDF/UA-1 (ISO 19005-3, ISO 14289-1), its canonical JSON within it.

Tags and text are there already (`tags`, `frame`); here come what the file says of itself, its colours, and the attachment.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import md5, sha256
from html import escape

from reports.icc import srgb
from reports.packing import File, stream, taken_up
from reports.tags import text_string

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


HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_TOLD = re.compile(rb"/(Title|Author)<FEFF([0-9a-f]*)>")
_LANGUAGE = re.compile(rb"/Lang\s*\(([a-z]+)\)")


def archived(pdf: bytes, record: str, *, at: datetime, renderer: str) -> bytes:
    """The PDF with its record attached, as what it was made of; equal input gives equal bytes.

    `record`: canonical JSON, attached byte for byte, so its SHA-256 is the one on paper. `at`: what the record is as of.
    """
    file, moment = taken_up(pdf), at.astimezone(UTC)
    catalog, held = file.body(file.root), record.encode()
    said = {
        name.decode(): bytes.fromhex(told.decode()).decode("utf-16-be")
        for name, told in _TOLD.findall(file.body(file.info))
    }
    language, digest = _LANGUAGE.findall(catalog)[0].decode(), sha256(held).hexdigest()
    dated = f"(D:{moment:%Y%m%d%H%M%S}+00'00')"
    told = _XMP.format(
        title=escape(said["Title"]), creator=escape(said["Author"]), language=language, producer=escape(renderer),
        identifier=f"sha256:{digest}", at=f"{moment:%Y-%m-%dT%H:%M:%S}+00:00",
    )  # fmt: skip
    file.put(
        file.info,
        f"<</Title{text_string(said['Title'])}/Author{text_string(said['Author'])}/Producer{text_string(renderer)}"
        f"/CreationDate{dated}/ModDate{dated}>>".encode(),
    )
    metadata = file.add(_plain(b"/Type/Metadata/Subtype/XML", told.encode()))
    colours = file.add(stream(b"/N 3", srgb()))
    attached = _attached(file, held, digest, dated)
    more = (
        f"/Metadata {metadata} 0 R/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"
        f"/Info(sRGB IEC61966-2.1)/DestOutputProfile {colours} 0 R>>]/AF[{attached} 0 R]"
        f"/Names<</EmbeddedFiles<</Names[({RECORD}){attached} 0 R]>>>>"
    )
    file.put(file.root, catalog.removesuffix(b">>") + more.encode() + b">>")
    return file.written(HEAD)


def _attached(file: File, held: bytes, digest: str, dated: str) -> int:
    """Source: the pages were made of it. The check sum is MD5 because the format asks for that one; nothing rests on it."""
    sum_of = md5(held, usedforsecurity=False).hexdigest()
    about = (
        f"/Type/EmbeddedFile/Subtype/application#2Fjson/Params<</Size {len(held)}/ModDate{dated}/CheckSum<{sum_of}>>>"
    )
    data = file.add(stream(about.encode(), held))
    said = text_string(f"The record as canonical JSON, SHA-256 {digest}")
    return file.add(
        f"<</Type/Filespec/F({RECORD})/UF({RECORD})/EF<</F {data} 0 R/UF {data} 0 R>>/AFRelationship/Source/Desc{said}>>".encode()
    )


def _plain(dictionary: bytes, data: bytes) -> bytes:
    """Not packed: who looks for what a file says of itself may know nothing else of PDF."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(data), data)
