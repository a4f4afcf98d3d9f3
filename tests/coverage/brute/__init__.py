"""Every figure of a coverage report computed once more from its definition: slow, obvious, and sharing nothing.

Plain pandas and shapely over frames in metres. Nothing of `gisgrid` is imported here: what the product computes is held
against this.
"""
