/// Tells resources from vMCP documents, and checks each against its shape.
struct DocumentSorting {
    let validation: Validation
    private(set) var index = ResourceIndex()
    /// The vMCP documents: those without `apiVersion` and `kind`.
    private(set) var plain: [Located] = []

    init(validation: Validation) { self.validation = validation }

    private var log: DiagnosticLog { validation.log }

    mutating func sort(_ document: Located) {
        guard case .mapping = document.node.content else {
            log.error(at: document, "expected a resource or a vMCP document, found \(document.node.typeDescription)")
            return
        }
        if document["apiVersion"] == nil, document["kind"] == nil {
            validation.namespace = nil
            validation.check(document, .object(VMCPDocumentSchema.file))
            plain.append(document)
            return
        }
        guard let kind = document["kind"]?.text, !kind.isEmpty else {
            return log.error(at: document, field: "kind", "expected the kind of the resource, found none")
        }
        if kind == "List", document["apiVersion"]?.text == "v1" {
            for item in document["items"]?.items ?? [] { sort(item) }
            return
        }
        if ResourceSchema.unused.contains(kind) {
            return log.warning(at: document["kind"] ?? document, "is not used by a gateway: `\(kind)` is left out")
        }
        validation.namespace = document.at("metadata", "namespace")?.text ?? "default"
        let first = validation.references.count
        if let shape = ResourceSchema.document(of: kind) {
            checkVersion(document, kind: kind)
            validation.check(document, .object(shape))
        } else if let served = validation.sources.servedKinds[kind] {
            validation.check(document, .object(ResourceSchema.pluginDocument))
            PluginReferences.note(document["spec"], validation: validation)
            checkPluginSpec(document, served: served)
        } else {
            return unknown(kind, document)
        }
        guard let name = document.at("metadata", "name")?.text, !name.isEmpty else { return }
        let resource = Resource(
            document: document, apiVersion: document["apiVersion"]?.text ?? "", kind: kind, name: name,
            namespace: validation.namespace ?? "default", references: Array(validation.references[first...]))
        index.add(resource, log: log)
    }

    private func checkVersion(_ document: Located, kind: String) {
        guard ResourceSchema.specs[kind] != nil, let version = document["apiVersion"], let text = version.text else {
            return
        }
        if text == ResourceSchema.versions[1] {
            log.warning(at: version, "\(text) is deprecated; use v1beta1")
        } else if !ResourceSchema.versions.contains(text) {
            log.error(
                at: version,
                "expected \(ResourceSchema.versions.joined(separator: " or ")), found \"\(text)\""
                    + Suggestion.sentence(for: text, among: ResourceSchema.versions))
        }
    }

    private func checkPluginSpec(_ document: Located, served: ServedKind) {
        guard let text = served.configSchema else { return }
        let source = "the configuration schema of plugin \(served.pluginID)"
        let schemas = DocumentReader(file: source, log: log).documents(in: text)
        guard let schema = schemas.first else { return }
        let spec =
            document["spec"]
            ?? Located(
                file: document.file, path: "spec", node: Node(content: .mapping([]), place: document.node.place))
        PluginSchema(root: schema, validation: validation).check(spec)
    }

    private func unknown(_ kind: String, _ document: Located) {
        let known =
            Array(ResourceSchema.specs.keys) + ["Secret", "ConfigMap"] + Array(validation.sources.servedKinds.keys)
        let advice =
            Suggestion.closest(to: kind, among: known).map { "did you mean `\($0)`?" }
            ?? "install the plugin that serves it, or remove the document; known kinds: \(Set(known).sorted().joined(separator: ", "))"
        log.error(
            at: document["kind"] ?? document,
            "expected a kind that is known or that a plugin serves, found `\(kind)`; \(advice)")
    }
}
