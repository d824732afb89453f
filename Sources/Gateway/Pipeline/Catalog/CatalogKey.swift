/// A name, URI or URI template as the bytes it consists of.
///
/// Swift compares strings by canonical equivalence; two URIs that differ in their bytes are two URIs, and lists are
/// sorted by bytes.
struct CatalogKey: Sendable, Hashable, Comparable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.count == right.text.utf8.count
            && left.withBytes { left in right.withBytes { right in left.elementsEqual(right) } }
    }

    static func < (left: Self, right: Self) -> Bool {
        left.withBytes { left in right.withBytes { right in left.lexicographicallyPrecedes(right) } }
    }

    func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // Native strings lend their storage; the copy is for those that cannot.
        text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
    }
}
