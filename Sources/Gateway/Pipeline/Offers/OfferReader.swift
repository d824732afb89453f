/// Turns the lists of backends into items, and leaves out what cannot be one.
struct OfferReader {
    /// One offer for each backend, sorted by the bytes of its name, which is the order that settles all ties.
    static func sorted(_ offers: [BackendOffer], _ report: inout AggregationReport) -> [BackendOffer] {
        // Swift's sort is stable, so of two offers with one name the first given stays first.
        let keyed = offers.map { (key: CatalogKey($0.backend), offer: $0) }.sorted { $0.key < $1.key }
        var kept: [BackendOffer] = []
        for (key, offer) in keyed {
            if let last = kept.last, CatalogKey(last.backend) == key {
                report.add(.repeatedBackend, backend: offer.backend)
            } else {
                kept.append(offer)
            }
        }
        return kept
    }

    /// The items of one kind in the order of `offers`. The first of those with one name inside a backend stays.
    /// - Parameter schemaDepth: Levels to which the JSON of a tool's schema may be nested.
    static func items(
        _ kind: OfferKind, of offers: [BackendOffer], schemaDepth: Int = .max, _ report: inout AggregationReport
    ) -> [OfferedItem] {
        var items: [OfferedItem] = []
        items.reserveCapacity(offers.reduce(0) { $0 + ($1.items[kind]?.count ?? 0) })
        for offer in offers {
            if let failure = offer.failures[kind] {
                report.add(.listFailed(failure), kind: kind, backend: offer.backend)
                continue
            }
            if let doubt = offer.doubts[kind] { report.add(.listUnended(doubt), kind: kind, backend: offer.backend) }
            let slices = offer.items[kind, default: []]
            var seen = Set<CatalogKey>(minimumCapacity: slices.count)
            for (index, slice) in slices.enumerated() {
                do throws(MalformedItem) {
                    let item = try item(slice, kind: kind, of: offer)
                    if kind == .tools, let problem = schemaProblem(slice, offer, schemaDepth) {
                        report.add(.malformed(problem), kind: kind, item)
                        continue
                    }
                    if seen.insert(CatalogKey(item.originalName)).inserted {
                        items.append(item)
                    } else {
                        report.add(
                            .repeatedInBackend, kind: kind, backend: offer.backend, originalName: item.originalName)
                    }
                } catch {
                    report.add(
                        .malformed("item \(index) of \(kind.listMethod): \(error.problem)"), kind: kind,
                        backend: offer.backend)
                }
            }
        }
        return items
    }

    /// Why a tool is left out because of its schemas; `nil` when it is not.
    private static func schemaProblem(_ tool: JSONSlice, _ offer: BackendOffer, _ depth: Int) -> String? {
        if depth <= tool.range.count / 2 {
            for name in ["inputSchema", "outputSchema"] where tool[name]?.isNested(deeperThan: depth) == true {
                return "its \(name) is nested deeper than \(depth) levels (operational.limits.schemaDepth)"
            }
        }
        guard offer.isModern, let schema = tool["inputSchema"], HeaderParameter.valid(inSchema: schema) == nil else {
            return nil
        }
        return "its inputSchema has an x-mcp-header that is not valid: expected a unique header name on a string, "
            + "integer or boolean property"
    }

    private struct MalformedItem: Error {
        let problem: String
    }

    /// A member that occurs twice means different things to different parsers, so an item that repeats one the gateway
    /// reads or rewrites is refused: else a client could see another name than the one that was checked.
    private static func item(
        _ slice: JSONSlice, kind: OfferKind, of offer: BackendOffer
    ) throws(MalformedItem) -> OfferedItem {
        guard slice.kind == .object else {
            throw MalformedItem(problem: "expected an object, found \(slice.kind)")
        }
        let keyMember = kind.keyMember
        var name, description, annotations, execution: Range<Int>?
        var repeated: String?
        func take(_ place: inout Range<Int>?, _ value: Range<Int>, _ member: String) {
            if place != nil { repeated = member }
            place = value
        }
        JSONScanner.eachMember(of: slice) { key, value in
            let raw = slice.base[key]
            if JSONText.equals(raw, keyMember) {
                take(&name, value, keyMember)
            } else if kind == .tools {
                if JSONText.equals(raw, "description") {
                    take(&description, value, "description")
                } else if JSONText.equals(raw, "annotations") {
                    take(&annotations, value, "annotations")
                } else if JSONText.equals(raw, "execution") {
                    take(&execution, value, "execution")
                }
            }
            return true
        }
        if let repeated { throw MalformedItem(problem: "\"\(repeated)\" occurs more than once") }
        guard let name else { throw MalformedItem(problem: "\"\(keyMember)\" is missing") }
        let value = JSONSlice(base: slice.base, range: name)
        guard let text = value.string else {
            throw MalformedItem(problem: "\"\(keyMember)\" must be a string, found \(value.kind)")
        }
        guard !text.isEmpty else { throw MalformedItem(problem: "\"\(keyMember)\" is empty") }
        let task = execution.flatMap { JSONSlice(base: slice.base, range: $0)["taskSupport"]?.string }
        let use = offer.servesTasks ? task.flatMap(TaskUse.init(rawValue:)) : nil
        return OfferedItem(
            backend: offer.backend, originalName: text, name: text, object: slice, nameRange: name,
            descriptionRange: description, annotationsRange: annotations, requiresTask: task == "required",
            taskUse: use ?? .forbidden)
    }
}
