"""The health check: each rule finds what breaks it, and is silent once that is mended."""
