"""The networks that all sides serve, by name: the width of the input, then that of each layer."""

WIDTHS = {"small": [64, 64, 32, 10], "middle": [784, 512, 512, 10]}
