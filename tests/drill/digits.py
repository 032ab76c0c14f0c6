"""The traffic of the drill, made from the digits in deploy/models. Needs no numpy: they are plain floats.

All pictures in one shuffled order: the baseline's own, and those that neither it nor the network has
seen. A window of the server is shorter than the file, so it contains no picture twice.
"""

import array
import pathlib
import random
import struct
import sys

PIXELS = 64


def read(path):
    """The pictures of an .npy file, each an array of floats."""
    data = path.read_bytes()
    if data[:8] != b"\x93NUMPY\x01\x00" or b"'<f4'" not in data[:128] or sys.byteorder != "little":
        sys.exit(f"{path} is not the file of floats that is expected")
    values = array.array("f")
    values.frombytes(data[10 + struct.unpack("<H", data[8:10])[0] :])
    return [values[i : i + PIXELS] for i in range(0, len(values), PIXELS)]


def write(path, pictures):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(pictures)}, {PIXELS}), }}"
    header += " " * (117 - len(header)) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"".join(pictures))


def torn(pictures):
    """Each picture with the lower half of the next one."""
    half = PIXELS // 2
    return [one[:half] + following[half:] for one, following in zip(pictures, pictures[1:] + pictures[:1])]


def scaled(pictures, factor):
    return [array.array("f", (factor * pixel for pixel in picture)) for picture in pictures]


def write_traffic(models, folder):
    """Writes healthy.npy, torn.npy and scaled.npy into the folder."""
    pictures = read(models / "training/pixels.npy") + read(models / "held_out/pixels.npy")
    random.Random(1).shuffle(pictures)
    for name, drifted in (("healthy", pictures), ("torn", torn(pictures)), ("scaled", scaled(pictures, 16))):
        write(pathlib.Path(folder) / f"{name}.npy", drifted)
