"""Files of micro-data, counts or probabilities -> observed distribution -> bounds at these data."""
