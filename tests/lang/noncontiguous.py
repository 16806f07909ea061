"""Bytes that do not follow each other in memory: gathered by some, refused by others."""
import binascii
import hashlib

view = memoryview(b"abcdefgh")[::2]
for task in (
    lambda: bytes(view),
    lambda: bytearray(view),
    lambda: view.tobytes(),
    lambda: list(view),
    lambda: b"aceg" == view,
    lambda: int.from_bytes(view, "big"),
    lambda: b"".join([view]),
    lambda: bytearray(b"x") + view,
    lambda: b"x" + view,
    lambda: binascii.hexlify(view),
    lambda: binascii.crc32(view),
    lambda: hashlib.sha256(view),
):
    try:
        print(task())
    except (BufferError, TypeError) as error:
        print(type(error).__name__, error)
