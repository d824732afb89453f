/// Decides what a caller may do. Steps of composite tools ask it.
package protocol Policy: Sendable {
    /// Whether a principal may call a tool.
    /// - Parameter tool: The name that clients see, or would see if it were not hidden.
    func permitsCall(of tool: String, by principal: Principal) -> Bool
}

/// Everybody may do everything.
package struct AllowAll: Policy {
    package init() {}
    package func permitsCall(of tool: String, by principal: Principal) -> Bool { true }
}
