/// What a server offers of tasks.
package struct TaskSupport: OptionSet, Sendable, Equatable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A call may become a task when the client says that it takes tasks (2026-07-28, extension
    /// `io.modelcontextprotocol/tasks`).
    package static let decided = TaskSupport(rawValue: 1)
    /// A client may ask that a call becomes a task (2025-11-25, Tasks).
    package static let asked = TaskSupport(rawValue: 2)
    /// Such a task can be cancelled.
    package static let cancel = TaskSupport(rawValue: 4)

    /// - Parameter capabilities: Those of the server, raw; `nil` when absent.
    init(_ revision: BackendRevision, _ capabilities: JSONSlice?) {
        self = []
        switch revision {
        case .modern: if capabilities?["extensions"]?[TasksExtension.name]?.kind == .object { insert(.decided) }
        case .handshake(let revision):
            guard revision >= .v2025_11_25, let tasks = capabilities?["tasks"],
                tasks["requests"]?["tools"]?["call"]?.kind == .object
            else { return }
            insert(.asked)
            if tasks["cancel"]?.kind == .object { insert(.cancel) }
        }
    }
}

extension TaskSupport {
    /// What is offered to a client with a session that speaks a revision, given what backends offer now.
    static func offered(to revision: ProtocolRevision, _ offering: Offering) -> TaskSupport {
        guard revision >= .v2025_11_25 else { return [] }
        return offering.servers.reduce(into: []) { $0.formUnion($1.tasks.intersection([.asked, .cancel])) }
    }

    /// The member of a server's capabilities that declares it, raw and with a comma; empty for none.
    var declaration: String {
        guard contains(.asked) else { return "" }
        return #""tasks":{\#(contains(.cancel) ? #""cancel":{},"# : "")"list":{},"requests":{"tools":{"call":{}}}},"#
    }
}

/// The tasks of 2026-07-28, an extension that either side declares.
enum TasksExtension {
    static let name = "io.modelcontextprotocol/tasks"
    /// The member of capabilities that declares it, raw.
    static let declaration = "\"extensions\":{\"\(name)\":{}}"

    /// Whether a request of 2026-07-28 declares it.
    static func isDeclared(by params: JSONSlice?) -> Bool {
        params?["_meta"]?[ModernProtocol.capabilitiesKey]?["extensions"]?[name]?.kind == .object
    }

    /// The answer to a request that needs the extension and does not declare it.
    static func undeclared(_ what: String) -> RequestFault {
        RequestFault(
            code: ModernProtocol.missingCapability,
            message: "\(what) needs the extension \(name), which this request did not declare",
            data: Array("{\"requiredCapabilities\":{\(declaration)}}".utf8))
    }
}
