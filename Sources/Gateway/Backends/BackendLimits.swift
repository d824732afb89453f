/// What is taken of a backend's messages and lists.
package struct BackendLimits: Sendable, Equatable {
    /// Levels to which the JSON of a message may be nested; deeper ones are refused. Default 256
    /// (`operational.limits.jsonDepth`).
    package var jsonDepth = JSONScanner.usualDepth
    /// Items of one list; a longer one fails as a whole. Default 100,000 (`operational.limits.listItems`).
    package var listItems = 100_000
    /// Pages of one list; one with more fails as a whole. Default 10,000, as in ToolHive (`operational.limits.listPages`).
    package var listPages = 10_000

    package init() {}
}
