import Gateway

/// Puts offers together from short texts.
enum Offers {
    static func json(_ text: String) throws -> JSONSlice { try JSONSlice(validating: Array(text.utf8)) }

    static func tool(_ name: String) throws -> JSONSlice {
        try json("{\"name\":\(String(decoding: JSONText.quote(name), as: UTF8.self)),\"inputSchema\":{}}")
    }

    /// Offers of tools by backend.
    static func tools(_ offers: KeyValuePairs<String, [String]>) throws -> [BackendOffer] {
        try offers.map { BackendOffer(backend: $0, tools: try $1.map(tool)) }
    }

    /// Offers of prompts by backend.
    static func prompts(_ offers: KeyValuePairs<String, [String]>) throws -> [BackendOffer] {
        try offers.map { BackendOffer(backend: $0, prompts: try $1.map(tool)) }
    }

    static func resources(_ offers: KeyValuePairs<String, [String]>) throws -> [BackendOffer] {
        try offers.map { backend, uris in
            BackendOffer(backend: backend, resources: try uris.map { try json("{\"uri\":\"\($0)\",\"name\":\"r\"}") })
        }
    }

    static func templates(_ offers: KeyValuePairs<String, [String]>) throws -> [BackendOffer] {
        try offers.map { backend, texts in
            BackendOffer(
                backend: backend,
                templates: try texts.map { try json("{\"uriTemplate\":\"\($0)\",\"name\":\"t\"}") })
        }
    }
}

extension BackendOffer {
    init(
        backend: String, tools: [JSONSlice] = [], resources: [JSONSlice] = [], templates: [JSONSlice] = [],
        prompts: [JSONSlice] = [], failures: [OfferKind: String] = [:]
    ) {
        self.init(
            backend: backend,
            items: [.tools: tools, .resources: resources, .resourceTemplates: templates, .prompts: prompts],
            failures: failures)
    }
}

extension Catalog {
    /// Advertised names and where they go: `name=backend/original`.
    var toolRoutes: [String] { tools.map { "\($0.name)=\($0.backend)/\($0.originalName)" } }
    var promptRoutes: [String] { prompts.map { "\($0.name)=\($0.backend)/\($0.originalName)" } }
}

extension AggregationReport {
    /// The causes noted for an item of a backend.
    func causes(_ backend: String, _ originalName: String = "") -> [AggregationCause] {
        entries.filter { $0.backend == backend && $0.originalName == originalName }.map(\.cause)
    }
}

/// All orders of a few things.
func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    guard elements.count > 1 else { return [elements] }
    return elements.indices.flatMap { index in
        var rest = elements
        let first = rest.remove(at: index)
        return permutations(rest).map { [first] + $0 }
    }
}
