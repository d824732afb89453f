/// A tool as a search sees it.
package struct ToolDocument: Sendable, Equatable {
    /// Most bytes of a description that are searched.
    static let descriptionLimit = 32_768
    /// Most bytes of a text to embed: models read less.
    static let embeddingLimit = 8_192
    /// Most properties of a schema, and characters of each description, that are searched.
    static let (propertyLimit, propertyTextLimit) = (512, 120)

    /// As the backend offers it: a prefix that the gateway puts before names says no more than the server does.
    package let name: String
    /// As clients see it. The reference searches that, the server's name in front of it included (its default).
    package let advertisedName: String
    /// The backend; empty for composite tools.
    package let server: String
    package let description: String
    /// The names of its parameters, each with the beginning of its description.
    package let parameters: String

    package init(_ tool: Catalog.Tool) {
        self.init(
            name: tool.offeredName, advertisedName: tool.name,
            server: tool.backend == Catalog.ownBackend ? "" : tool.backend, json: tool.json)
    }

    /// - Parameter json: The tool as clients get it.
    package init(name: String, advertisedName: String, server: String, json: JSONSlice) {
        self.name = name
        self.advertisedName = advertisedName
        self.server = server
        var schema: JSONSlice?
        var text = ""
        for (key, value) in json.members {
            switch key {
            case "description": text = value.string ?? ""
            case "inputSchema": schema = value
            default: break
            }
        }
        description = text.prefix(bytes: Self.descriptionLimit)
        var words: [String] = []
        for (key, value) in schema?["properties"]?.members.prefix(Self.propertyLimit) ?? [] {
            words.append(key)
            if let about = value["description"]?.string {
                words.append(String(about.unicodeScalars.prefix(Self.propertyTextLimit).map(Character.init)))
            }
        }
        parameters = words.joined(separator: " ").prefix(bytes: Self.descriptionLimit)
    }

    /// The columns of the keyword index.
    package func columns(_ ranking: OptimizerSettings.Ranking) -> [String] {
        switch ranking {
        case .hybrid: [name, server, description, parameters].map(WordSplit.split)
        case .reference: [advertisedName, description]
        }
    }

    /// What is embedded.
    package func embeddingText(_ ranking: OptimizerSettings.Ranking) -> String {
        let place = WordSplit.split(server)
        let text =
            switch ranking {
            case .hybrid: "\(WordSplit.split(name)): \(description)" + (place.isEmpty ? "" : " (\(place))")
            case .reference: "name: \(advertisedName) description: \(description)"
            }
        return text.prefix(bytes: Self.embeddingLimit)
    }
}

extension String {
    /// The beginning, cut between characters' bytes where it must be; a character that is cut becomes U+FFFD.
    fileprivate func prefix(bytes: Int) -> String {
        utf8.count <= bytes ? self : String(decoding: utf8.prefix(bytes), as: UTF8.self)
    }
}
