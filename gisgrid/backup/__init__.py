"""A copy of the whole database taken while the service writes, and put back only if it is proved equal."""
