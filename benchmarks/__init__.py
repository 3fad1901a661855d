"""Side-by-side measurements: each figure of ours beside its peer or its limit, in the same run (docs/performance.md)."""
