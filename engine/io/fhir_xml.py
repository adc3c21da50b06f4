"""FHIR as XML in the form that it has as JSON (HL7 FHIR R4, 2.6.1), as far as a note needs it."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

_NAMESPACE = "{http://hl7.org/fhir}"
_RESOURCES = frozenset({"resource", "contained"})
_MANY = frozenset({"entry", "contained", "presentedForm", "content", "conclusionCode", "coding"})


def looks_like_fhir_xml(head: bytes) -> bool:
    """Whether a file begins as a FHIR resource in XML."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"http://hl7.org/fhir" in head


def fhir_of_xml(data: bytes) -> dict[str, Any]:
    """Read a resource; raises what the parser raises, for entities too."""
    return _resource(fromstring(data, forbid_dtd=True))


def _resource(node: Element) -> dict[str, Any]:
    return {"resourceType": _name(node), **_fields(node)}


def _fields(node: Element) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for child in node:
        name = _name(child)
        if name in _MANY:
            fields.setdefault(name, []).append(_value(child))
        else:
            fields[name] = _value(child)
    return fields


def _value(node: Element) -> Any:
    if _name(node) == "div":
        return tostring(node, encoding="unicode")
    if _name(node) in _RESOURCES:
        return _resource(node[0]) if len(node) else {}
    return node.get("value") if "value" in node.attrib else _fields(node)


def _name(node: Element) -> str:
    return node.tag.removeprefix(_NAMESPACE).rpartition("}")[2]
