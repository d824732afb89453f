/// Turns a strategy, from a document or from MCPExternalAuthConfig, into what its plugin gets.
///
/// A document has secrets as texts (`clientSecret`), as names of variables (`clientSecretEnv`) or as files
/// (`clientSecretFile`), a resource as references (`clientSecretRef`): plugins know the references alone, and the values are kept behind handles.
struct StrategyReading {
    let references: ReferenceResolution
    let environment: [String: String]
    private(set) var secrets: [String: SecretValue] = [:]

    init(references: ReferenceResolution, environment: [String: String]) {
        self.references = references
        self.environment = environment
    }

    /// The field of a resource that a secret field of a document becomes.
    private static let secretFields = [
        "headerValue": "valueSecretRef", "token": "tokenSecretRef", "clientSecret": "clientSecretRef",
        "idpClientSecret": "idpClientSecretRef", "targetClientSecret": "targetClientSecretRef",
    ]

    mutating func strategy(_ choice: OutgoingStrategies.Choice) -> OutgoingStrategy {
        guard choice.type != OutgoingStrategy.unauthenticated.type else { return .unauthenticated }
        if let config = choice.config { return strategy(choice, config) }
        return document(choice)
    }

    /// An MCPExternalAuthConfig: its block as written.
    private mutating func strategy(_ choice: OutgoingStrategies.Choice, _ config: Resource) -> OutgoingStrategy {
        let block = config.spec?["type"]?.text.flatMap { config.spec?[$0] } ?? config.spec?["config"]
        var handles: [String: String] = [:]
        for reference in config.references where reference.target == .secretKey {
            guard let key = reference.value["key"]?.text,
                case .found(.secret(let secret)) = references.secret(reference.namespace, reference.name, key)
            else { continue }
            let handle = "\(reference.namespace)/\(reference.name)/\(key)"
            handles["\(reference.name)/\(key)"] = handle
            secrets[handle] = secret
        }
        return OutgoingStrategy(
            type: choice.type, specJSON: block.map(Self.durations) ?? Array("{}".utf8),
            resolvedJSON: Self.resolved(handles), baseDirectory: BackendAssembly.folder(of: config.document.file),
            place: config.place)
    }

    /// A block of a document, with its secrets replaced by references to them.
    private mutating func document(_ choice: OutgoingStrategies.Choice) -> OutgoingStrategy {
        let block = choice.value[ProcessAuthSchema.blocks[choice.type] ?? "config"]
        var entries: [Node.Entry] = []
        var handles: [String: String] = [:]
        for entry in block.map(Self.entries(of:)) ?? [] {
            let form = SecretForm(entry.key)
            let field = String(entry.key.dropLast(form.suffix.count))
            guard ProcessAuthSchema.blocks[choice.type] != nil, let target = Self.secretFields[field],
                case .text(let text) = entry.value.content
            else {
                entries.append(entry)
                continue
            }
            let handle = "\(choice.value.file)|\(choice.value.path).\(field)"
            switch form {
            case .value: secrets[handle] = SecretValue(text)
            case .variable: secrets[handle] = SecretValue(environment[text] ?? "")
            case .file:
                let path = SecretForm.path(text, in: choice.value.file)
                // That it cannot be read was reported where the field stands.
                do throws(SecretFile.Unusable) { secrets[handle] = try SecretFile.read(path) } catch {
                    secrets[handle] = SecretValue([], file: path)
                }
            }
            handles["document/\(field)"] = handle
            entries.append(
                Node.Entry(
                    key: target, keyPlace: entry.keyPlace,
                    value: Self.reference(name: "document", key: field, at: entry.value.place)))
        }
        let node = Node(content: .mapping(entries), place: choice.value.node.place)
        return OutgoingStrategy(
            type: choice.type, specJSON: node.json, resolvedJSON: Self.resolved(handles),
            baseDirectory: BackendAssembly.folder(of: choice.value.file),
            place: "\(choice.value.file):\(choice.value.place.line)")
    }

    /// The entries of a block without the null ones, which are absent ones.
    private static func entries(of block: Located) -> [Node.Entry] {
        guard case .mapping(let entries) = block.node.content else { return [] }
        return entries.filter { if case .null = $0.value.content { false } else { true } }
    }

    /// `cacheSkew`, a duration, as the `cacheSkewSeconds` that documents have.
    private static func durations(_ block: Located) -> [UInt8] {
        let entries = entries(of: block).map { entry in
            guard entry.key == "cacheSkew", case .text(let text) = entry.value.content,
                let duration = DurationText.parse(text)
            else { return entry }
            let seconds = Node(content: .integer(String(duration.components.seconds)), place: entry.value.place)
            return Node.Entry(key: "cacheSkewSeconds", keyPlace: entry.keyPlace, value: seconds)
        }
        return Node(content: .mapping(entries), place: block.node.place).json
    }

    private static func reference(name: String, key: String, at place: Node.Place) -> Node {
        func entry(_ key: String, _ text: String) -> Node.Entry {
            Node.Entry(key: key, keyPlace: place, value: Node(content: .text(text), place: place))
        }
        return Node(content: .mapping([entry("name", name), entry("key", key)]), place: place)
    }

    private static func resolved(_ handles: [String: String]) -> [UInt8] {
        var json = Array(#"{"secrets":"#.utf8)
        json.appendJSONObject(handles)
        json.append(UInt8(ascii: "}"))
        return json
    }
}
