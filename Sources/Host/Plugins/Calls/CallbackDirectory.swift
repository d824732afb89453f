import Synchronization

/// Finds the ledger of a plugin by the number in a callback's context.
///
/// The functions that plugins call are plain C functions: all they get is the context. Entries are written once and
/// stay for the life of the process, as images do, so reading takes no lock.
enum CallbackDirectory {
    private static let capacity = 4_096
    private static let next = Atomic<Int>(1)

    // nonisolated(unsafe): the pointer itself is constant, and what it points to are atomics.
    private nonisolated(unsafe) static let slots: UnsafeMutablePointer<Atomic<UnsafeRawPointer?>> = {
        let slots = UnsafeMutablePointer<Atomic<UnsafeRawPointer?>>.allocate(capacity: capacity)
        for index in 0..<capacity { (slots + index).initialize(to: Atomic(nil)) }
        return slots
    }()

    /// Callbacks whose context names no plugin at all.
    private static let foreign = Atomic<UInt64>(0)

    /// Gives a ledger its slot; `nil` after 4,095 plugins.
    static func add(_ make: (UInt16) -> PluginLedger) -> PluginLedger? {
        let slot = next.add(1, ordering: .relaxed).oldValue
        guard slot < capacity else { return nil }
        let ledger = make(UInt16(slot))
        slots[slot].store(UnsafeRawPointer(Unmanaged.passRetained(ledger).toOpaque()), ordering: .releasing)
        return ledger
    }

    static func ledger(of number: ContextNumber) -> PluginLedger? {
        guard number.slot < capacity, let ledger = slots[Int(number.slot)].load(ordering: .acquiring) else {
            return nil
        }
        return Unmanaged<PluginLedger>.fromOpaque(ledger).takeUnretainedValue()
    }

    static func countForeign() { foreign.add(1, ordering: .relaxed) }

    /// Callbacks so far whose context names no plugin: a plugin made its context up, and which one cannot be told.
    static var foreignCallbacks: UInt64 { foreign.load(ordering: .relaxed) }
}
