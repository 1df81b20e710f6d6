"""Signatures and the files they are planted in, for scan_differences.py and scan_bad_input.py."""
