"""The demo day: a seeded, realistic day of eleven clerks, mistakes included; `make.run` is the command."""
