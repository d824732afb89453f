/// What one session may hold at a time.
package struct SessionLimits: Sendable, Equatable {
    /// Streams of GETs. One more ends the oldest, rather than being refused: that is most likely one whose connection is
    /// dead and does not know it yet. Default 8.
    package var streams = 8
    /// Resources that it is subscribed to; one more is refused. Default 1,000.
    package var subscriptions = 1_000
    /// Resources that all sessions of one caller are subscribed to; one more is refused. Anonymous callers are one.
    /// Default 100,000.
    package var subscriptionsPerPrincipal = 100_000

    package init() {}
}
