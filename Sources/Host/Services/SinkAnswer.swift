import PluginAPI

/// What a receiver of data answers to its sender.
package enum SinkAnswer: Int32, Sendable {
    /// Go on.
    case go = 0
    /// Taken, but send no more until resume.
    case pause = 1
    /// Nobody listens any more.
    case stop = 2

    /// - Parameter answer: `VMCP_GO` and so on; what a plugin may not answer counts as ``stop``.
    init(abi answer: Int32) { self = SinkAnswer(rawValue: answer) ?? .stop }
}
