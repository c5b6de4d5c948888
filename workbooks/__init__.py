"""Tables on paper: schema, labels, recognising, reading, writing."""
