"""gisgrid: the nested grid of a subdistrict, its patrols, its incidents, and how much of it was seen."""

from importlib.metadata import version

__version__ = version("gisgrid")
