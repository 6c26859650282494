"""The codec: events as JSON that people can read, and ids that every machine agrees on."""

from newsledger.codec.bodies import (
    JsonObject,
    Window,
    decode_body,
    encode_body,
    type_name,
    type_version,
)
from newsledger.codec.canonical import canonical, digest
from newsledger.codec.converter import Undecodable, converter

__all__ = [
    "JsonObject",
    "Undecodable",
    "Window",
    "canonical",
    "converter",
    "decode_body",
    "digest",
    "encode_body",
    "type_name",
    "type_version",
]
