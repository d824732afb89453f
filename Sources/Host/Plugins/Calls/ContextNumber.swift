/// What a plugin gets as `context`: a number in the shape of a pointer, never a pointer.
///
/// The upper 16 bits name the plugin (``CallbackDirectory``), so that a callback after the end, which finds no entry,
/// can still be counted where it belongs; the lower 48 count that plugin's calls and sessions, from 1.
struct ContextNumber: Hashable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(slot: UInt16, serial: UInt64) { rawValue = UInt64(slot) << 48 | serial & 0xFFFF_FFFF_FFFF }

    /// What a plugin handed back; 0 for NULL.
    init(_ context: UnsafeMutableRawPointer?) { rawValue = UInt64(UInt(bitPattern: context)) }

    var slot: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 48) }
    var serial: UInt64 { rawValue & 0xFFFF_FFFF_FFFF }

    var context: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(rawValue)) }
}
