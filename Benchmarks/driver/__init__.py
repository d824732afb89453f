"""The benchmarks of the whole gateway: servers, load, figures. See docs/performance.md."""
