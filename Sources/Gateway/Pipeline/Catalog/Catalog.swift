/// The merged lists of all backends: what clients see and where each thing is routed.
///
/// Immutable; a new one replaces it whole, and a request finishes on the one it began with. Equal input gives equal
/// bytes.
package final class Catalog: Sendable {
    /// A tool, shown or hidden.
    package struct Tool: Sendable {
        /// Towards clients.
        package let name: String
        /// Whose it is; ``Catalog/ownBackend`` for a composite tool.
        package let backend: String
        /// The backend's own name for it: what is sent to the backend.
        package let originalName: String
        /// The name after overrides and before prefixes.
        package let offeredName: String
        /// Whether clients see it and may call it. Workflows use hidden tools too.
        package let isVisible: Bool
        /// Whether it can be called as a task.
        package let taskUse: TaskUse
        /// The object as clients get it.
        package let json: JSONSlice
    }

    /// A resource.
    package struct Resource: Sendable {
        /// Towards clients.
        package let uri: String
        /// Whose it is.
        package let backend: String
        /// What is sent to the backend.
        package let originalURI: String
        /// The object as clients get it.
        package let json: JSONSlice
    }

    /// A resource template.
    package struct ResourceTemplate: Sendable {
        /// The template's text towards clients.
        package let uriTemplate: String
        /// Whose it is.
        package let backend: String
        /// The template's text as the backend has it.
        package let originalTemplate: String
        /// The object as clients get it.
        package let json: JSONSlice
        /// `nil` when the text is not RFC 6570.
        let template: URITemplate?
    }

    /// A prompt.
    package struct Prompt: Sendable {
        /// Towards clients.
        package let name: String
        /// Whose it is.
        package let backend: String
        /// What is sent to the backend.
        package let originalName: String
        /// The object as clients get it.
        package let json: JSONSlice
    }

    /// What stands for the backend of composite tools, which have none.
    package static let ownBackend = "(composite)"

    /// The tools that clients see, sorted by the bytes of their names.
    package let tools: [Tool]
    /// The tools for workflows only, sorted likewise.
    package let hiddenTools: [Tool]
    /// Sorted by the bytes of the URI.
    package let resources: [Resource]
    /// Sorted by the bytes of the template.
    package let resourceTemplates: [ResourceTemplate]
    /// Sorted by the bytes of the name.
    package let prompts: [Prompt]

    /// The URIs of the backends that have rewritten ones.
    package let uris: [String: BackendURIs]

    /// What clients of 2026-07-28 are told of caching each list. Not part of the content: no client is told of a change of it.
    package let hints: [OfferKind: CacheHint]

    /// What is missing for now. Not part of the content either.
    package let absences: Absences

    private let workflows: [CatalogKey: ResolvedWorkflow]
    private let pages: [OfferKind: ListPages]
    /// The tools as groups of clients get them that get other ones than ``pages`` has.
    private let toolForms: [ToolForm: ListPages]
    /// The tools that can be called as tasks only.
    private let taskOnlyTools: [CatalogKey: Tool]
    /// The names that the tool list shows; `nil` when it shows all.
    private let listedNames: Set<CatalogKey>?
    private let toolIndex, hiddenToolIndex, promptIndex: [CatalogKey: Int]
    let resourceIndex, templateIndex: [CatalogKey: Int]

    /// A hash of everything shown and of where it is routed; the same in every run.
    package let contentHash: UInt64

    /// Nothing at all.
    package convenience init() { self.init(tools: [], resources: [], templates: [], prompts: []) }

    /// - Parameters: Items in any order; each kind's names are distinct, and those of workflows are no tool's.
    ///   - pinned: With the optimizer: the tools that are listed beside its two. `nil` lists all tools.
    init(
        tools: [NamedItem], resources: [NamedItem], templates: [NamedItem], prompts: [NamedItem],
        hints: [OfferKind: CacheHint] = [:], workflows: [ResolvedWorkflow] = [], pinned: Set<String>? = nil,
        absences: Absences = .none
    ) {
        self.hints = hints
        self.absences = absences
        uris = BackendURIs.all(resources: resources, templates: templates)
        self.workflows = Dictionary(uniqueKeysWithValues: workflows.map { (CatalogKey($0.name), $0) })
        let shown = Shelf(.tools, tools.filter(\.isVisible) + workflows.map(\.item))
        let listed = pinned.map { OptimizedList.shelf(pinned: $0, of: shown) } ?? shown
        listedNames = pinned == nil ? nil : Set(listed.index.keys)
        let hidden = Shelf(.tools, tools.filter { !$0.isVisible })
        let resources = Shelf(.resources, resources)
        let templates = Shelf(.resourceTemplates, templates)
        let prompts = Shelf(.prompts, prompts)
        func toolList(_ shelf: Shelf) -> [Tool] {
            shelf.map { named, json in
                Tool(
                    name: named.name, backend: named.item.backend, originalName: named.item.originalName,
                    offeredName: named.item.name, isVisible: named.isVisible, taskUse: named.item.taskUse, json: json)
            }
        }
        self.tools = toolList(shown)
        hiddenTools = toolList(hidden)
        self.resources = resources.map {
            Resource(uri: $0.name, backend: $0.item.backend, originalURI: $0.item.originalName, json: $1)
        }
        resourceTemplates = templates.map { named, json in
            // What cannot be read was reported by the pipeline and keeps its exact text as its one route.
            let template: URITemplate?
            do throws(URITemplate.Malformed) { template = try URITemplate(named.name) } catch { template = nil }
            return ResourceTemplate(
                uriTemplate: named.name, backend: named.item.backend, originalTemplate: named.item.originalName,
                json: json, template: template)
        }
        self.prompts = prompts.map { named, json in
            Prompt(
                name: named.name, backend: named.item.backend, originalName: named.item.originalName, json: json)
        }
        (toolIndex, hiddenToolIndex) = (shown.index, hidden.index)
        (resourceIndex, templateIndex, promptIndex) = (resources.index, templates.index, prompts.index)
        pages = [
            .tools: listed.pages, .resources: resources.pages, .resourceTemplates: templates.pages,
            .prompts: prompts.pages,
        ]
        let taskOnly = tools.filter(\.isTaskOnly)
        let withTasks =
            taskOnly.isEmpty
            ? shown : Shelf(.tools, tools.filter { $0.isVisible || $0.isTaskOnly } + workflows.map(\.item))
        taskOnlyTools = Dictionary(
            uniqueKeysWithValues: toolList(Shelf(.tools, taskOnly)).map { (CatalogKey($0.name), $0) })
        var forms: [ToolForm: ListPages] = [:]
        for form in ToolForm.allCases {
            // Tools that can be called as tasks only are not behind call_tool.
            let shelf = pinned != nil ? listed : form == .withTasks ? withTasks : shown
            forms[form] = form.pages(of: shelf) ?? (form == .withTasks && !taskOnly.isEmpty ? shelf.pages : nil)
        }
        toolForms = forms
        var hash = StableHash.Stream()
        for shelf in [shown, hidden, resources, templates, prompts] { shelf.addContent(to: &hash) }
        if !taskOnly.isEmpty { withTasks.addContent(to: &hash) }
        contentHash = hash.value
    }

    /// The result of a list method, as one JSON object: at most 1000 items, and `nextCursor` while there are more.
    /// - Parameters:
    ///   - cursor: The `cursor` of the request's `params`, raw; absent, null and `""` are the beginning.
    ///   - form: What the client gets to see of tools.
    /// - Throws: ``InvalidCursor`` for a cursor that is not one of ours for this kind.
    package func page(
        _ kind: OfferKind, cursor: JSONSlice? = nil, form: ToolForm = .modern
    ) throws(InvalidCursor) -> [UInt8] {
        if kind == .tools, let pages = toolForms[form] { return try pages.result(cursor: cursor) }
        // Every kind has its pages from the beginning.
        guard let pages = pages[kind] else { return [] }
        return try pages.result(cursor: cursor)
    }

    /// A hash of what a list method answers; a client is told of a change exactly when it differs.
    package func contentHash(of kind: OfferKind) -> UInt64 {
        let hash = pages[kind]?.contentHash ?? 0
        return kind == .tools ? hash ^ (toolForms[.withTasks]?.contentHash ?? 0) : hash
    }

    /// The tool that a client means: hidden ones do not exist for clients.
    package func tool(named name: String) -> Tool? { toolIndex[CatalogKey(name)].map { tools[$0] } }

    /// The tool that a client means which can be called as a task only.
    package func taskOnlyTool(named name: String) -> Tool? { taskOnlyTools[CatalogKey(name)] }

    /// Whether `find_tool` and `call_tool` stand in the list instead of the tools.
    package var isOptimized: Bool { listedNames != nil }

    /// Whether a client may call a tool of this name directly; a name that is no tool's may be listed by nobody.
    package func lists(tool name: String) -> Bool { listedNames?.contains(CatalogKey(name)) ?? true }

    /// The composite tool that a client means.
    package func workflow(named name: String) -> ResolvedWorkflow? {
        workflows.isEmpty ? nil : workflows[CatalogKey(name)]
    }

    /// What clients call the composite tool that the configuration calls `name`.
    package func nameOfWorkflow(configuredAs name: String) -> String? {
        workflows.values.first { $0.definition.name == name }?.name
    }

    /// The tool that a workflow step means: an advertised name, shown or hidden, or `{backend}.{name}` with the name
    /// after or before overrides.
    package func workflowTool(named name: String) -> Tool? {
        if let tool = tool(named: name) ?? hiddenToolIndex[CatalogKey(name)].map({ hiddenTools[$0] }) { return tool }
        func find(_ inner: (Tool) -> String) -> Tool? {
            for list in [tools, hiddenTools] {
                if let tool = list.first(where: { CatalogKey("\($0.backend).\(inner($0))") == CatalogKey(name) }) {
                    return tool
                }
            }
            return nil
        }
        return find(\.offeredName) ?? find(\.originalName)
    }

    /// The prompt that a client means.
    package func prompt(named name: String) -> Prompt? { promptIndex[CatalogKey(name)].map { prompts[$0] } }
}
