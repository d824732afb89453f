import Gateway

/// Catalogues as the pipeline makes them.
enum Catalogs {
    /// - Parameter tools: Raw tools by backend; `name: description` is short for one.
    static func of(_ tools: [String: [String]]) throws -> Catalog {
        let offers = try tools.map { backend, items in
            BackendOffer(
                backend: backend,
                items: [
                    .tools: try items.map { item in
                        if item.hasPrefix("{") { return try JSONSlice(validating: Array(item.utf8)) }
                        let parts = item.split(separator: ": ", maxSplits: 1).map(String.init)
                        return try JSONSlice(
                            validating: Array(#"{"name":"\#(parts[0])","description":"\#(parts[1])"}"#.utf8))
                    }
                ])
        }
        return Pipeline(AggregationSettings(strategy: .prefix, prefixMode: .onConflict, shortenNames: false)).catalog(
            from: offers
        ).0
    }

    static let small = [
        "sky": ["get_forecast: Rain and sun of the next days", "get_tide: High and low water"],
        "work": ["create_ticket: Report a defect", "list_tickets: All open defects", "send_mail: Write to somebody"],
    ]
}
