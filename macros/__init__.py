"""The procedures: one file per button; the nightly run is the same, in order."""
