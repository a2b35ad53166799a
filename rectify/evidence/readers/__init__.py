"""What opens each kind of file and gives its texts with their places; runs in the limited child."""
