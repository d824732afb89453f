/// The first bytes of an ELF file: enough to tell a library for another machine before the dynamic linker sees it.
///
/// Layout: System V ABI, chapter 4, "ELF header".
struct ELFHeader: Sendable, Equatable {
    /// Bytes needed from the beginning of a file.
    static let size = 20

    /// 1 = 32 bits, 2 = 64 bits.
    let width: UInt8
    /// 1 = little-endian, 2 = big-endian.
    let order: UInt8
    /// 3 = shared object.
    let type: UInt16
    let machine: UInt16

    /// - Returns: `nil` when the bytes do not begin an ELF file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.size, bytes[..<4].elementsEqual([0x7F, 0x45, 0x4C, 0x46]) else { return nil }
        width = bytes[4]
        order = bytes[5]
        let big = bytes[5] == 2
        func half(_ at: Int) -> UInt16 {
            let (first, second) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
            return big ? first << 8 | second : second << 8 | first
        }
        type = half(16)
        machine = half(18)
    }

    var isSharedObject: Bool { type == 3 }

    func runs(like other: ELFHeader) -> Bool {
        width == other.width && order == other.order && machine == other.machine
    }

    /// Such as "x86-64, 64-bit little-endian".
    var architecture: String {
        let names: [UInt16: String] = [
            3: "i386", 8: "MIPS", 20: "PowerPC", 21: "PowerPC64", 22: "S390", 40: "ARM", 62: "x86-64", 183: "AArch64",
            243: "RISC-V", 258: "LoongArch",
        ]
        let bits = width == 1 ? "32-bit" : width == 2 ? "64-bit" : "unknown width"
        let end = order == 1 ? "little-endian" : order == 2 ? "big-endian" : "unknown byte order"
        return "\(names[machine] ?? "machine \(machine)"), \(bits) \(end)"
    }
}
