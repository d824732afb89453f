import Logging
import Synchronization

/// What the host knows about the callbacks of one plugin: its calls, its sessions, and what went wrong.
final class PluginLedger: Sendable {
    let slot: UInt16
    let calls: PendingCalls
    let sessions: OpenSessions
    let misbehaviour: MisbehaviourLog
    private let serial = Atomic<UInt64>(0)

    private init(slot: UInt16, logger: Logger, messageLimit: Int) {
        self.slot = slot
        misbehaviour = MisbehaviourLog(logger: logger)
        calls = PendingCalls(misbehaviour: misbehaviour, messageLimit: messageLimit)
        sessions = OpenSessions(misbehaviour: misbehaviour, messageLimit: messageLimit)
    }

    /// A ledger with a slot of its own; `nil` when the process has loaded 4,095 plugins.
    /// - Parameter messageLimit: Longest message or result taken from the plugin, in bytes.
    static func make(logger: Logger, messageLimit: Int) -> PluginLedger? {
        CallbackDirectory.add { PluginLedger(slot: $0, logger: logger, messageLimit: messageLimit) }
    }

    /// A number for a call or a session, never given before.
    func nextNumber() -> ContextNumber {
        ContextNumber(slot: slot, serial: serial.add(1, ordering: .relaxed).newValue)
    }

    /// Whether a number was given out, however long ago.
    func gave(_ number: ContextNumber) -> Bool {
        number.slot == slot && number.serial > 0 && number.serial <= serial.load(ordering: .relaxed)
    }
}
