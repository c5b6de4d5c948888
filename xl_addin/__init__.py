"""The doors of Order Desk: command line, ribbon, hosts."""
