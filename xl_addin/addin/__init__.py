"""The Excel add-in, built from the text sources in this folder: ribbon, VBA modules, formula wrappers, icons."""
