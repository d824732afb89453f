/// A first vMCP document for a group, for people to go on from.
package struct StarterDocument: Sendable {
    /// Commented YAML that passes validation.
    package let text: String
    /// Errors of the resource files, and a warning for each member that the document cannot list.
    package let diagnostics: [Diagnostic]
}

/// Writes the starter document of a group (command line specification, section 5).
///
/// Members with a remote URL become `backends`; a server that the gateway itself starts stays a resource and is served
/// when its file is given beside the document. A name that no file knows gives an empty list.
package func starterDocument(group: String, sources: ConfigurationSources) -> StarterDocument {
    let log = DiagnosticLog()
    guard Pattern.matches(group, "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$") else {
        log.error(
            file: "--group", "expected a group name (lower case letters, digits, hyphens, dots), found \"\(group)\"")
        return StarterDocument(text: "", diagnostics: log.sorted)
    }
    let validation = Validation(log: log, sources: sources)
    var sorting = DocumentSorting(validation: validation)
    for document in SourceFiles(log: log).documents(at: sources.paths) { sorting.sort(document) }
    ReferenceResolution(index: sorting.index, validation: validation).checkAll()
    guard !log.hasErrors else { return StarterDocument(text: "", diagnostics: log.sorted) }

    let namespaces = sorting.index.all.filter { $0.kind == "MCPGroup" && $0.name == group }.map(\.namespace)
    if namespaces.isEmpty {
        let known = sorting.index.all.filter { $0.kind == "MCPGroup" }.map(\.name)
        log.warning(
            file: "--group", "no file has an MCPGroup `\(group)`" + Suggestion.sentence(for: group, among: known))
    }
    let members = BackendAssembly.members(of: group, namespace: namespaces.first ?? "default", in: sorting.index)
    var lines: [String] = []
    for member in members {
        guard let url = member.spec?["remoteUrl"]?.text,
            let transport = ResourceSchema.specs[member.kind].flatMap({ Reading(member.spec, $0).text("transport") })
        else {
            log.warning(
                at: member.document,
                "\(member.kind) `\(member.name)` has no URL: it stays a resource, which the gateway serves when this file is "
                    + "given with --config beside the document")
            continue
        }
        if member.spec?["headerForward"] != nil || member.spec?["externalAuthConfigRef"] != nil {
            log.warning(
                at: member.document,
                "\(member.kind) `\(member.name)` has headers or credentials, which the document cannot carry; give the file "
                    + "itself with --config to keep them")
        }
        lines += [
            "  - name: \(quoted(member.name))", "    url: \(quoted(url))", "    transport: \(transport)",
        ]
    }
    return StarterDocument(text: starterText(group: group, backends: lines), diagnostics: log.sorted)
}

private func starterText(group: String, backends: [String]) -> String {
    """
    # A virtual MCP server for the group \(group). Check it with: vmcp validate --config FILE
    name: \(quoted("\(group)-vmcp"))

    # The group whose members are served: those listed below, and those of resource files given with --config.
    groupRef: \(quoted(group))

    # Who may connect: anonymous asks nobody. Keep the gateway on loopback with it.
    incomingAuth:
      type: anonymous

    # How backends are authenticated to: inline means as written here, and nothing is written.
    outgoingAuth:
      source: inline

    # Tools of all backends become one list; the prefix keeps their names apart.
    aggregation:
      conflictResolution: prefix
      conflictResolutionConfig:
        prefixFormat: "{workload}_"

    # Servers that are reached by URL.
    \(backends.isEmpty ? "backends: []" : (["backends:"] + backends).joined(separator: "\n"))

    """
}

/// Text as a double-quoted scalar; JSON's escapes are YAML's.
func quoted(_ text: String) -> String {
    var out: [UInt8] = []
    out.appendJSONString(text)
    return String(decoding: out, as: UTF8.self)
}
