/// What is not in the catalogue because its backend is away: which backends, and what clients may still know of them.
package struct Absences: Sendable, Equatable {
    /// A backend whose part is missing.
    package struct Backend: Sendable, Equatable {
        package let name: String
        /// Why, for machines: ``FailureAnswer/category(_:)``, or `starting`.
        package let category: String

        package init(name: String, category: String) {
            self.name = name
            self.category = category
        }
    }

    /// Where a name led.
    package struct Route: Sendable, Equatable {
        package let backend: String
        /// What the backend itself calls it.
        package let originalName: String
    }

    package static let none = Absences()
    /// The key in `_meta` of a list's result.
    package static let metaKey = "vmcp.dev/missing"

    /// Sorted by name.
    package private(set) var backends: [Backend] = []
    private var routes: [OfferKind: [CatalogKey: Route]] = [:]

    private init() {}

    /// What a new catalogue will lack that the one before had, or lacked already.
    /// - Parameter backends: Those that are away.
    init(of backends: [Backend], after former: Catalog) {
        self.backends = backends.sorted { $0.name < $1.name }
        guard !backends.isEmpty else { return }
        let names = Set(backends.map(\.name))
        routes = former.absences.routes.mapValues { $0.filter { names.contains($0.value.backend) } }
        for tool in former.tools where names.contains(tool.backend) {
            routes[.tools, default: [:]][CatalogKey(tool.name)] =
                Route(backend: tool.backend, originalName: tool.originalName)
        }
        for prompt in former.prompts where names.contains(prompt.backend) {
            routes[.prompts, default: [:]][CatalogKey(prompt.name)] =
                Route(backend: prompt.backend, originalName: prompt.originalName)
        }
        for resource in former.resources where names.contains(resource.backend) {
            routes[.resources, default: [:]][CatalogKey(resource.uri)] =
                Route(backend: resource.backend, originalName: resource.originalURI)
        }
    }

    /// Where a name led that nothing has now: a call of it fails for its backend, and can be tried again later.
    package func route(_ kind: OfferKind, named name: String) -> Route? {
        backends.isEmpty ? nil : routes[kind]?[CatalogKey(name)]
    }

    /// A member of `_meta` that tells agents what is missing, `"KEY":[…]`; empty when nothing is.
    package var marker: [UInt8] {
        guard !backends.isEmpty else { return [] }
        var out = Array("\"\(Self.metaKey)\":[".utf8)
        for (index, backend) in backends.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: "{\"backend\":".utf8)
            JSONText.append(backend.name, to: &out)
            out.append(contentsOf: ",\"category\":\"\(backend.category)\"}".utf8)
        }
        out.append(UInt8(ascii: "]"))
        return out
    }
}
