import Testing

/// Real processes, one test at a time: the gateway, its backends and its clients share two cores with each other.
@Suite("End to end", .serialized)
enum EndToEnd {}
