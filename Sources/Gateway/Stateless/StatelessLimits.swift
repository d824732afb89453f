/// What requests without sessions may hold at a time. A request above a limit is answered with an error that says so.
package struct StatelessLimits: Sendable, Equatable {
    /// Backend sessions kept for such requests; shared ones do not count. Default 1,000.
    package var backendSessions = 1_000
    /// Milliseconds after which an unused backend session is closed. Default 5 minutes.
    package var idleTime: UInt64 = 300_000
    /// `subscriptions/listen` streams of one principal; anonymous callers are one principal. Default 10,000.
    package var listens = 10_000
    /// Resources that one `subscriptions/listen` may name. Default 1,000.
    package var subscriptionsPerListen = 1_000
    /// Milliseconds that backends have for taking the subscriptions of a listen, before it is acknowledged without
    /// them. Default 10,000.
    package var subscriptionTime: UInt64 = 10_000

    package init() {}
}
