"""The grid's layers: read from files, checked as a nest, repaired, derived, stored. One file per act."""
