"""The networks that all servers serve, by name: the width of the input, then of each layer."""

WIDTHS = {"small": [64, 64, 32, 10], "middle": [784, 512, 512, 10]}
