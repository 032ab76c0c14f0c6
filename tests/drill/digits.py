"""Makes the drill's traffic from the digits in deploy/models, as plain floats, without numpy.

The traffic has all pictures in one shuffled order: those of the baseline, and those that neither the
baseline nor the network has seen. A window is shorter than the file, so it contains no picture twice.
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
        sys.exit(f"{path} is not a NumPy file of FP32, or this machine is not little-endian")
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
