/// What clients call the URIs of one backend that has some under ``RewrittenURI``s, which say themselves what the backend
/// calls them. Made once per catalogue; a backend whose URIs all stay as they are has none.
package struct BackendURIs: Sendable {
    private let prefix: String
    /// Resources that are rewritten, and those that are not, as the backend has them.
    private let rewritten, kept: Set<CatalogKey>
    /// Templates that are rewritten, as the backend has them.
    private let templates: [URITemplate]

    /// `nil` when none of the backend's resources and templates is rewritten.
    init?(_ backend: String, resources: [NamedItem], templates: [NamedItem]) {
        func keys(_ isChanged: Bool, _ items: [NamedItem]) -> [CatalogKey] {
            items.filter { ($0.name != $0.item.originalName) == isChanged }.map { CatalogKey($0.item.originalName) }
        }
        let texts = keys(true, templates)
        rewritten = Set(keys(true, resources) + texts)
        guard !rewritten.isEmpty else { return nil }
        kept = Set(keys(false, resources) + keys(false, templates))
        self.templates = texts.compactMap { key in
            // What cannot be read was reported by the pipeline and stands for its own text only.
            do throws(URITemplate.Malformed) { return try URITemplate(key.text) } catch { return nil }
        }
        prefix = RewrittenURI.prefix(of: backend)
    }

    /// Those of each backend that has some.
    static func all(resources: [NamedItem], templates: [NamedItem]) -> [String: BackendURIs] {
        let changed = (resources + templates).filter { $0.name != $0.item.originalName }
        var all: [String: BackendURIs] = [:]
        for backend in Set(changed.map(\.item.backend)) {
            all[backend] = BackendURIs(
                backend, resources: resources.filter { $0.item.backend == backend },
                templates: templates.filter { $0.item.backend == backend })
        }
        return all
    }

    /// What clients call what the backend calls `uri`: a resource or template that is rewritten, part of such a resource
    /// (2025-06-18, Resources: an update may name a sub-resource), or what such a template can have expanded to. Everything
    /// else has its own name.
    package func towardsClient(_ uri: String) -> String {
        let key = CatalogKey(uri)
        if kept.contains(key) { return uri }
        if rewritten.contains(key) || isPart(uri) { return prefix + uri }
        let bytes = Array(uri.utf8)
        return templates.contains { $0.matches(bytes) } ? prefix + uri : uri
    }

    private func isPart(_ uri: String) -> Bool {
        var rest = Substring(uri).utf8
        while let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
            for form in [rest[...slash], rest[..<slash]] where rewritten.contains(CatalogKey(String(Substring(form)))) {
                return true
            }
            rest = rest[..<slash]
        }
        return false
    }
}
