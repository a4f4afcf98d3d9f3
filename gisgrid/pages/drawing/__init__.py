"""Generated maps: each one file that opens from disk, drawn by the command or taken along from the page."""
