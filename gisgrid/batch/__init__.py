"""The same join and counts over a directory of Parquet files, on many processes or machines (Dask)."""
