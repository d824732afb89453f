/// One kind's list as clients get it: the results of its list method, page by page, rendered once and served as bytes.
struct ListPages: Sendable {
    /// Items on a page.
    static let pageSize = 1000

    private let kind: OfferKind
    private let keys: [CatalogKey]
    /// Where each item stands in the bytes of its page.
    private let ranges: [Range<Int>]
    private let pages: [[UInt8]]
    /// The index of each page's first item.
    private let starts: [Int]
    /// Stable over runs; equal for equal pages.
    let contentHash: UInt64

    /// - Parameters:
    ///   - keys: Strictly ascending.
    ///   - append: Appends the item of an index as one JSON object.
    init(_ kind: OfferKind, keys: [CatalogKey], append: (Int, inout [UInt8]) -> Void) {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(keys.count)
        var pages: [[UInt8]] = []
        var starts: [Int] = []
        var hash = StableHash.Stream()
        let opening = Self.opening(kind)
        var next = 0
        repeat {
            let (end, cursor) = Self.end(of: next, kind, keys)
            starts.append(next)
            var page = opening
            // Most pages are as long as the one before.
            page.reserveCapacity(pages.last.map { $0.count + $0.count / 8 } ?? opening.count + (end - next) * 512)
            for index in next..<end {
                if index > next { page.append(UInt8(ascii: ",")) }
                let start = page.count
                append(index, &page)
                ranges.append(start..<page.count)
            }
            page.append(UInt8(ascii: "]"))
            if let cursor {
                page.append(contentsOf: ",\"nextCursor\":\"".utf8)
                page.append(contentsOf: cursor)
                page.append(UInt8(ascii: "\""))
            }
            page.append(UInt8(ascii: "}"))
            hash.add(page)
            pages.append(page)
            next = end
        } while next < keys.count
        self.kind = kind
        self.keys = keys
        self.ranges = ranges
        self.pages = pages
        self.starts = starts
        contentHash = hash.value
    }

    /// The item of an index, in the bytes of its page.
    func item(_ index: Int) -> JSONSlice {
        JSONSlice(base: pages[page(holding: index)], range: ranges[index])
    }

    /// The result that follows a cursor, as one JSON object.
    ///
    /// A cursor from an earlier catalog may point between two pages: then the rest of that page is served, and the next
    /// cursor is back on the rendered ones.
    func result(cursor: JSONSlice?) throws(InvalidCursor) -> [UInt8] {
        guard let cursor = try ListCursor.read(cursor, for: kind) else { return pages[0] }
        let start = index(after: cursor)
        guard start < keys.count else { return Self.opening(kind) + Array("]}".utf8) }
        let page = page(holding: start)
        if starts[page] == start { return pages[page] }
        return Self.opening(kind) + pages[page][ranges[start].lowerBound...]
    }

    private func index(after cursor: ListCursor) -> Int {
        let last = CatalogKey(cursor.lastKey)
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < last { low = middle + 1 } else { high = middle }
        }
        // Keys are unique, so at most one item can have been delivered under this one.
        return low < keys.count && keys[low] == last && cursor.delivered > 0 ? low + 1 : low
    }

    private func page(holding index: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        return low
    }

    private static func opening(_ kind: OfferKind) -> [UInt8] { Array("{\"\(kind.rawValue)\":[".utf8) }

    /// Where the page that begins at `start` ends, and the cursor to the next one.
    ///
    /// A cursor names the page's last key, and a key can be too long for a cursor: then the page ends at the nearest
    /// item before, or else after, whose key fits.
    private static func end(of start: Int, _ kind: OfferKind, _ keys: [CatalogKey]) -> (Int, [UInt8]?) {
        guard keys.count - start > pageSize else { return (keys.count, nil) }
        func cursor(_ end: Int) -> [UInt8]? {
            ListCursor(kind: kind, lastKey: keys[end - 1].text, delivered: 1).text
        }
        let usual = start + pageSize
        for end in stride(from: usual, to: start, by: -1) {
            if let text = cursor(end) { return (end, text) }
        }
        for end in usual + 1..<keys.count {
            if let text = cursor(end) { return (end, text) }
        }
        return (keys.count, nil)
    }
}
