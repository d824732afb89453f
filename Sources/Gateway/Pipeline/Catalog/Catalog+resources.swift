// Where URIs lead.
extension Catalog {
    /// The backend that serves a URI of a client: that of the resource; else that of the template which is written exactly
    /// so (as `completion/complete` refers to it); else that of the first template, in sorted order, that matches.
    package func backend(forResource uri: String) -> String? { route(forResource: uri)?.backend }

    /// The backend that serves a URI of a client, and what that one calls it. A ``RewrittenURI`` leads to its own backend
    /// only, also when the original needs no rewriting any more: clients keep URIs.
    package func route(forResource uri: String) -> (backend: String, uri: String)? {
        let key = CatalogKey(uri)
        if let index = resourceIndex[key] { return (resources[index].backend, resources[index].originalURI) }
        if let index = templateIndex[key] {
            return (resourceTemplates[index].backend, resourceTemplates[index].originalTemplate)
        }
        let rewritten = RewrittenURI(uri)
        if !resourceTemplates.isEmpty {
            let bytes = Array(uri.utf8)
            let found = resourceTemplates.first { template in
                rewritten?.isOf(template.backend) != false && template.template?.matches(bytes) == true
            }
            if let found { return (found.backend, rewritten?.original ?? uri) }
        }
        // One prefix only: what lies behind it is the backend's own name.
        guard let rewritten, RewrittenURI(rewritten.original) == nil,
            let route = route(forResource: rewritten.original), rewritten.isOf(route.backend)
        else { return nil }
        return route
    }
}
