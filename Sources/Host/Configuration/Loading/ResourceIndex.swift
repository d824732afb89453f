/// A resource document with the names it goes by.
struct Resource {
    let document: Located
    let apiVersion: String
    let kind: String
    let name: String
    let namespace: String
    /// What the document refers to.
    let references: [Reference]

    var spec: Located? { document["spec"] }
    /// Where the resource is defined, as `file:line`.
    var place: String { "\(document.file):\(document.node.place.line)" }
}

/// The resources of all files, by kind, namespace and name.
struct ResourceIndex {
    private struct Key: Hashable {
        let kind: String
        let namespace: String
        let name: String
    }

    private var byKey: [Key: Resource] = [:]
    /// All resources in the order read.
    private(set) var all: [Resource] = []

    /// Adds a resource; a second one of the same kind, namespace and name is an error that names both places.
    mutating func add(_ resource: Resource, log: DiagnosticLog) {
        let key = Key(kind: resource.kind, namespace: resource.namespace, name: resource.name)
        if let first = byKey[key] {
            let place = resource.document.at("metadata", "name") ?? resource.document
            log.error(
                at: place,
                "expected one \(resource.kind) `\(resource.name)` in namespace `\(resource.namespace)`, found another at "
                    + "\(first.place); rename or remove one")
            return
        }
        byKey[key] = resource
        all.append(resource)
    }

    func resource(kind: String, namespace: String, name: String) -> Resource? {
        byKey[Key(kind: kind, namespace: namespace, name: name)]
    }

    func resources(kind: String, namespace: String) -> [Resource] {
        all.filter { $0.kind == kind && $0.namespace == namespace }
    }
}
