/// What a gateway is made from: a VirtualMCPServer, or a vMCP document.
enum EntryPoint {
    case resource(Resource)
    case document(Located)

    /// The one to serve; missing or ambiguous ones are reported with the names there are.
    static func select(index: ResourceIndex, plain: [Located], sources: ConfigurationSources, log: DiagnosticLog)
        -> EntryPoint?
    {
        let all =
            index.all.filter { $0.kind == "VirtualMCPServer" }.map(EntryPoint.resource) + plain.map(EntryPoint.document)
        let list = all.map { "`\($0.name)` (\($0.place))" }.joined(separator: ", ")
        let fallback = sources.paths.first ?? "--config"
        if let name = sources.name {
            let matching = all.filter { $0.name == name }
            if matching.count == 1 { return matching[0] }
            let found = all.isEmpty ? "none at all" : list
            log.error(
                file: "--name",
                "expected one VirtualMCPServer or vMCP document named `\(name)`, found \(matching.isEmpty ? found : list)"
                    + (matching.isEmpty ? Suggestion.sentence(for: name, among: all.map(\.name)) : "; rename one"))
            return nil
        }
        if all.count == 1 { return all[0] }
        // A broken file was reported already; that it holds nothing to serve would only distract.
        if all.isEmpty, !log.hasErrors {
            log.error(file: fallback, "expected a VirtualMCPServer or a vMCP document, found none; add one")
        } else if all.count > 1 {
            log.error(
                file: fallback, "expected one VirtualMCPServer or vMCP document, found \(list); choose one with --name")
        }
        return nil
    }

    /// The document's or resource's own tree.
    var root: Located {
        switch self {
        case .resource(let resource): resource.document
        case .document(let document): document
        }
    }

    var name: String {
        switch self {
        case .resource(let resource): resource.name
        case .document(let document): document["name"]?.text ?? ""
        }
    }

    var place: String { "\(root.file):\(root.node.place.line)" }

    /// The group whose members are aggregated.
    var group: String {
        switch self {
        case .resource(let resource): resource.spec?.at("groupRef", "name")?.text ?? ""
        case .document(let document): document["groupRef"]?.text ?? ""
        }
    }

    /// The vMCP document: the file, or `spec.config`.
    var document: Located? {
        switch self {
        case .resource(let resource): resource.spec?["config"]
        case .document(let document): document
        }
    }

    /// `spec` of a VirtualMCPServer.
    var spec: Located? {
        if case .resource(let resource) = self { return resource.spec }
        return nil
    }
}
