"""Speed, side by side with peers, as ratios within one run: see docs/explanation/performance.md."""
