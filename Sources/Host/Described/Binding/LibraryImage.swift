import CPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A shared library, opened for good: what it registered with the system would dangle otherwise.
///
/// `@unchecked Sendable`: an address that only the dynamic linker follows, which locks for itself.
struct LibraryImage: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer
    let name: String

    /// - Parameter name: A path, or a name that the dynamic linker looks up.
    init(opening name: String) throws(DescriptionError) {
        var error = [CChar](repeating: 0, count: 1_024)
        guard let handle = vmcp_dl_open(name, &error, UInt(error.count)) else {
            let words = String(decoding: error.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw DescriptionError([
                DescriptionProblem(
                    .notLoadable, at: nil, path: "library",
                    "the system cannot load '\(name)': \(words). \(Self.advice(words, isThere: access(name, F_OK) == 0))"
                )
            ])
        }
        self.handle = handle
        self.name = name
    }

    /// What helps, by what the dynamic linker says.
    /// - Parameter isThere: The name is the path of a file.
    static func advice(_ words: String, isThere: Bool) -> String {
        if words.contains("text relocation") || words.contains("TEXTREL") || words.contains("segment prot") {
            return "It has relocations in its code, which this system forbids: have it built with -fPIC"
        }
        let isForeign = ["invalid ELF header", "wrong ELF class", "file too short"].contains { words.contains($0) }
        // Libraries of other processors are passed over, as if they were not there.
        if isForeign || isThere && words.contains("No such file") {
            return "It is no library for this machine: name the file itself, not a linker script or an archive"
        }
        if words.contains("undefined symbol") { return "It needs another library than those it is linked to" }
        return "Install it, or write its full name, such as libz.so.1"
    }

    /// The address of a function that the library itself defines.
    func symbol(_ name: String) -> UnsafeMutableRawPointer? { vmcp_dl_symbol(handle, name) }
}
