"""Static checks of a .pth file: nothing is loaded, no name in it is imported.

New format: a zip whose entries are stored, never deflated, with one `data.pkl` and raw storages. Legacy format: five pickles
in a row, then raw storages. The pickles' opcodes are walked to name what a refused file wanted; the barrier itself is the
restricted loader in the vetting child.
"""

from __future__ import annotations

import os
import pickletools
import struct
import zipfile
from typing import BinaryIO

from explorer.i18n import N_
from explorer.records.errors import ModelFileError
from explorer.weights.troubles import damaged, refusal

MAX_ENTRIES = 20_000
MAX_PICKLE = 64 << 20
NUMBERS = (
    *("float32", "float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"),
    *("int64", "int32", "int16", "int8", "uint8", "bool"),
)
STORAGES = (
    *("Float", "Double", "Half", "BFloat16", "Float8_e4m3fn", "Float8_e5m2"),
    *("Long", "Int", "Short", "Char", "Byte", "Bool", "Untyped"),
)
PLAIN = frozenset(
    {
        *(f"torch.{kind}Storage" for kind in STORAGES),
        *(f"torch.{kind}" for kind in NUMBERS),
        *(
            "torch._utils._rebuild_tensor",
            "torch._utils._rebuild_tensor_v2",
            "torch._utils._rebuild_tensor_v3",
            "torch._utils._rebuild_parameter",
        ),
        *("collections.OrderedDict", "torch.Size", "torch.storage.UntypedStorage", "torch.strided"),
        *("torch.device", "_codecs.encode", "torch.serialization._get_layout"),
    }
)
OTHER_TENSORS = ("sparse", "qtensor", "nested", "meta", "_rebuild_from_type", "device_tensor", "wrapper_subclass")
STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING"}


def check_zip(handle: BinaryIO) -> None:
    """Judge a .pth zip. Raises ModelFileError; the position of `handle` is at the start afterwards."""
    size = os.fstat(handle.fileno()).st_size
    entries = _entry_count(handle, size)
    if entries > MAX_ENTRIES:
        raise refusal("bomb", N_("Refused: the archive says it has {count} entries."), count=f"{entries:,}")
    try:
        handle.seek(0)
        with zipfile.ZipFile(handle) as archive:
            infos = archive.infolist()
            _judge_names([info.filename for info in infos])
            _judge_sizes(infos, size)
            pickles = [info for info in infos if info.filename.rsplit("/", 1)[-1] in ("data.pkl", "constants.pkl")]
            if any("/code/" in f"/{info.filename}" for info in infos):
                raise whole_program("TorchScript")
            if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE:
                raise refusal(
                    "not-weights.archive",
                    N_("This archive is not a PyTorch state dict: it has no data.pkl."),
                    N_("Unpack it first and open the weights file inside."),
                )
            with archive.open(pickles[0]) as stream:
                judge_names(globals_of(stream.read(MAX_PICKLE)))
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, KeyError, struct.error) as error:
        raise damaged() from error
    finally:
        handle.seek(0)


def check_legacy(handle: BinaryIO) -> None:
    """Judge a .pth of the old format. Raises ModelFileError; the position of `handle` is at the start afterwards."""
    handle.seek(0)
    data = handle.read(MAX_PICKLE)
    handle.seek(0)
    at = 0
    for _ in range(5):  # magic number, protocol, machine, the object, storage keys
        names, length = _walk(data[at:])
        judge_names(names)
        at += length


def globals_of(data: bytes) -> list[str]:
    """Every name that a pickle would import, in order."""
    return _walk(data)[0]


def _walk(data: bytes) -> tuple[list[str], int]:
    names: list[str] = []
    strings: list[str] = []
    memo: dict[int, str] = {}
    last, end = "", 0
    try:
        for operation, argument, position in pickletools.genops(data):
            kind = operation.name
            if kind in STRINGS:
                last = str(argument)
                strings = [*strings[-1:], last]
            elif kind in ("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"):
                memo[len(memo) if kind == "MEMOIZE" else int(argument or 0)] = last
            elif kind in ("BINGET", "LONG_BINGET", "GET"):
                strings = [*strings[-1:], memo.get(int(argument or 0), "?")]
            elif kind in ("GLOBAL", "INST"):
                names.append(str(argument).replace(" ", "."))
                last = "?"
            elif kind == "STACK_GLOBAL":
                names.append(".".join(strings) if len(strings) == 2 else "?")
                last = "?"
            elif kind.startswith("EXT"):
                names.append("copyreg.extension")
            end = (position or 0) + 1
    except Exception as error:  # pickletools raises whatever the damaged argument makes it raise
        raise damaged() from error
    return names, end


def judge_names(names: list[str]) -> None:
    """Raise ModelFileError for the first name that a state dict does not have."""
    for name in names:
        if name in PLAIN:
            continue
        if name.startswith("torch.") and any(part in name for part in OTHER_TENSORS):
            raise refusal(
                "tensor-kind",
                N_("Refused: unsupported tensor kind ({name})."),
                N_("Save plain dense tensors: tensor.to_dense(), or as .safetensors."),
                name=name,
            )
        if name.startswith(("torch.nn.", "__main__.")):
            raise whole_program(name)
        raise refusal(
            "code-inside",
            N_("Refused: the file contains code ({name})."),
            N_("Ask for the same weights as .safetensors."),
            name=name,
        )


def whole_program(name: str) -> ModelFileError:
    """The error for a pickled module or a TorchScript archive."""
    return refusal(
        "whole-module",
        N_("Refused: the file holds a whole program ({name}), not a table of weights."),
        N_("Where it was made, save torch.save(model.state_dict(), file) or a .safetensors file instead."),
        name=name,
    )


def _entry_count(handle: BinaryIO, size: int) -> int:
    """The number of entries that the end of the zip claims, read without building the list."""
    handle.seek(max(0, size - (1 << 16) - 22))
    tail = handle.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise damaged(N_("The file is damaged: the archive has no end."))
    (count,) = struct.unpack("<H", tail[at + 10 : at + 12])
    if count < 0xFFFF:
        return int(count)
    wide = tail.rfind(b"PK\x06\x06")
    return int(struct.unpack("<Q", tail[wide + 32 : wide + 40])[0]) if 0 <= wide <= len(tail) - 40 else 0xFFFF


def _judge_names(names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise damaged(N_("The file is damaged: an entry of the archive is there twice."))
    for name in names:
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise refusal(
                "archive-path", N_("Archive refused: it writes outside its folder ({name})."), N_("Do not use it."), name=name
            )


def _judge_sizes(infos: list[zipfile.ZipInfo], size: int) -> None:
    for info in infos:
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            raise refusal(
                "bomb",
                N_("Refused: the archive is compressed ({packed} bytes would become {unpacked})."),
                N_("A PyTorch file is never compressed; ask for the same weights as .safetensors."),
                packed=f"{sum(info.compress_size for info in infos):,}",
                unpacked=f"{sum(info.file_size for info in infos):,}",
            )
        if info.external_attr >> 28 == 0xA:
            raise refusal("archive-path", N_("Archive refused: it holds a link ({name})."), name=info.filename)
    if sum(info.file_size for info in infos) > size:
        raise damaged(N_("The file is damaged: the entries of the archive are larger than the file."))
