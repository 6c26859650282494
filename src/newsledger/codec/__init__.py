"""The codec: events as JSON that people can read, and ids that every machine agrees on."""

from newsledger.codec.bodies import (
    JsonObject,
    Window,
    decode_body,
    decode_known,
    encode_body,
    type_name,
    type_version,
)
from newsledger.codec.canonical import canonical, digest
from newsledger.codec.converter import converter
from newsledger.codec.ids import uuid_text
from newsledger.codec.reading import Undecodable

__all__ = [
    "JsonObject",
    "Undecodable",
    "Window",
    "canonical",
    "converter",
    "decode_body",
    "decode_known",
    "digest",
    "encode_body",
    "type_name",
    "type_version",
    "uuid_text",
]
