/// Gets what a backend session brings that belongs to no request.
package protocol BackendSessionEvents: AnyObject, Sendable {
    /// A notification: list_changed, resources/updated, a log message on the session's own stream.
    func notified(_ notification: JSONRPCMessage, by session: BackendSession)
    /// A request of the backend that came on no call: whoever takes it answers it.
    /// - Returns: False when nobody does.
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool
    /// The session is gone; its requests have failed already, or come to their own ends (``left(_:)``).
    func lost(_ session: BackendSession, _ outcome: Outcome)
    /// The last request of a session that was lost is over.
    func left(_ session: BackendSession)
    /// The backend speaks another era than the session; told before ``lost(_:_:)``.
    func changedEra(_ session: BackendSession)
    /// The session's stream was interrupted and is open again: changes may have been missed.
    func reopened(_ session: BackendSession)
}

extension BackendSessionEvents {
    package func changedEra(_ session: BackendSession) {}
    package func left(_ session: BackendSession) {}
}
