"""The five feature products of the logistics example, computed from the mart's tables by polars alone."""
