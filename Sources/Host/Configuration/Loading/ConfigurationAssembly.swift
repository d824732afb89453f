import Gateway

/// Composes the configuration of one entry point from the parts that read it.
struct ConfigurationAssembly {
    let entry: EntryPoint
    let index: ResourceIndex
    let references: ReferenceResolution
    let validation: Validation

    private var log: DiagnosticLog { validation.log }

    func configuration() -> GatewayConfiguration {
        let document = entry.document
        let namespace = namespace
        let operational = OperationalReading.settings(document?["operational"])
        let members = BackendAssembly.members(of: entry.group, namespace: namespace, in: index)
        let entries = entry.spec == nil ? document?["backends"]?.items ?? [] : []

        var assembly = BackendAssembly(
            index: index, references: references, validation: validation, operational: operational)
        let listed = entries.compactMap { assembly.backend(ofEntry: $0, namespace: namespace) }
        let joining = distinct(members, besides: entries)
        let backends = (listed + joining.map { assembly.backend(of: $0) }).sorted { $0.name < $1.name }
        if backends.isEmpty {
            log.warning(at: entry.root, "no backend: the group `\(entry.group)` has no members and `backends` is empty")
        }

        let aggregationReading = AggregationReading(index: index, validation: validation, namespace: namespace)
        var aggregation = aggregationReading.settings(document?["aggregation"])
        var unsupported = NotImplemented()
        applyToolConfigs(of: joining, to: &aggregation, reading: aggregationReading, &unsupported)
        let strategies = OutgoingStrategies(entry: entry, index: index, namespace: namespace)
        gather(&unsupported, members: joining, strategies: strategies)
        warnAboutUnknownNames(document, known: backends.map(\.name))

        var chosen: [String: OutgoingStrategy] = [:]
        var reading = StrategyReading(references: references, environment: validation.sources.environment)
        for backend in backends {
            let member = joining.first { $0.name == backend.name }
            let choice = strategies.choice(for: backend.name, member: member)
            chosen[backend.name] = choice.map { reading.strategy($0) } ?? .unauthenticated
        }
        let compositeTools = CompositeToolReading(index: index, validation: validation, namespace: namespace)
        let (optimizer, embeddingSecrets) = optimizer
        return GatewayConfiguration(
            name: entry.name, group: entry.group, namespace: namespace, place: entry.place, backends: backends,
            aggregation: aggregation, compositeTools: compositeTools.definitions(document),
            optimizer: optimizer,
            operational: operational, showsMetrics: showsMetrics,
            passthroughHeaders: passthroughHeaders,
            incomingAuth: incomingAuth,
            oidc: IncomingReading(entry: entry, index: index, references: references, validation: validation).oidc(),
            outgoingAuth: OutgoingAuthentication(source: strategies.source, strategies: chosen),
            notImplemented: unsupported.diagnostics,
            secrets: assembly.secrets.merging(reading.secrets) { $1 }.merging(embeddingSecrets) { $1 })
    }

    /// Whether an EmbeddingServer runs: in a cluster somebody else sees to it, elsewhere the gateway does, with a plugin.
    private var canEmbed: Bool {
        validation.sources.target == .cluster
            || validation.sources.servedEmbeddings.contains(EmbeddingServerReading.provider)
    }

    /// With `embeddingServerRef` there is one without a section too (resource specification, section 7.1).
    private var optimizer: (OptimizerConfiguration?, secrets: [String: SecretValue]) {
        let reading = OptimizerReading(sources: validation.sources)
        let section = entry.document?["optimizer"]
        let server = entry.spec?.at("embeddingServerRef", "name")?.text.flatMap {
            index.resource(kind: "EmbeddingServer", namespace: namespace, name: $0)
        }
        guard let server else { return (reading.optimizer(section), [:]) }
        // A service that is named is taken, and nothing run.
        guard validation.sources.target == .local, canEmbed, section?["embeddingService"]?.text ?? "" == "" else {
            return (reading.optimizer(reading.section(section, servedBy: server)), [:])
        }
        return EmbeddingServerReading(server: server, references: references, validation: validation)
            .applied(to: reading.optimizer(section))
    }

    /// `telemetry.enablePrometheusMetricsPath` of a document; `prometheus.enabled` of what a resource refers to.
    private var showsMetrics: Bool {
        guard case .resource(let resource) = entry else {
            return entry.document?.at("telemetry", "enablePrometheusMetricsPath")?.boolean == true
        }
        let telemetry = resource.spec?.at("telemetryConfigRef", "name")?.text.flatMap {
            index.resource(kind: "MCPTelemetryConfig", namespace: resource.namespace, name: $0)?.spec
        }
        return telemetry?.at("prometheus", "enabled")?.boolean == true
    }

    /// A document has no namespace: that of its group is taken, if exactly one group has the name.
    private var namespace: String {
        if case .resource(let resource) = entry { return resource.namespace }
        let namespaces = index.all.filter { $0.kind == "MCPGroup" && $0.name == entry.group }.map(\.namespace)
        return namespaces.count == 1 ? namespaces[0] : "default"
    }

    /// The members whose names are free: a backend's name is its id, whatever its kind.
    private func distinct(_ members: [Resource], besides entries: [Located]) -> [Resource] {
        var seen: [String: Resource] = [:]
        return members.filter { member in
            let place = member.document.at("metadata", "name") ?? member.document
            if let first = seen[member.name] {
                log.error(
                    at: place,
                    "expected each backend name once in the group, found `\(member.name)` again (\(first.kind) at \(first.place)); "
                        + "rename one")
                return false
            }
            seen[member.name] = member
            if let listed = entries.first(where: { $0["name"]?.text == member.name }) {
                log.warning(
                    at: place,
                    "is left out: the document lists a backend of this name (\(listed.file):\(listed.place.line))")
                return false
            }
            return true
        }
    }

    /// A member's own `toolConfigRef` acts where the gateway has no settings for that backend.
    private func applyToolConfigs(
        of members: [Resource], to aggregation: inout AggregationSettings, reading: AggregationReading,
        _ unsupported: inout NotImplemented
    ) {
        for member in members {
            guard BackendAssembly.kinds.contains(member.kind), let reference = member.spec?["toolConfigRef"] else {
                continue
            }
            if aggregation.workloads.contains(where: { $0.workload == member.name }) {
                unsupported.add(
                    reference, "`toolConfigRef` of a backend that `aggregation.tools` names too",
                    "refer to the MCPToolConfig from `aggregation.tools`")
            } else if let workload = reading.workload(
                named: member.name, reference: reference, visibility: aggregation.defaultToolVisibility)
            {
                aggregation.workloads.append(workload)
            }
        }
    }

    private func gather(_ unsupported: inout NotImplemented, members: [Resource], strategies: OutgoingStrategies) {
        unsupported.check(document: entry.document)
        switch entry {
        case .document(let document): unsupported.check(file: document)
        case .resource(let resource):
            OutsideCluster.warn(about: resource, validation: validation)
            if let spec = resource.spec {
                let telemetry = spec.at("telemetryConfigRef", "name")?.text.flatMap {
                    index.resource(kind: "MCPTelemetryConfig", namespace: resource.namespace, name: $0)?.spec
                }
                unsupported.check(
                    server: spec, telemetry: telemetry, canEmbed: canEmbed)
            }
        }
        var asked: Set<String> = []
        for choice in strategies.configured + members.compactMap({ strategies.choice(for: $0.name, member: $0) })
        where asked.insert("\(choice.value.file)|\(choice.value.place)|\(choice.value.path)").inserted {
            unsupported.check(strategy: choice, served: validation.sources.servedStrategies)
        }
        for member in members {
            OutsideCluster.warn(about: member, validation: validation)
            unsupported.check(member: member, isServed: validation.sources.servedKinds[member.kind] != nil)
        }
    }

    /// Settings for a backend that does not exist are most often misspelt.
    private func warnAboutUnknownNames(_ document: Located?, known: [String]) {
        let tools = (document?.at("aggregation", "tools")?.items ?? []).compactMap { $0["workload"] }
        let order = document?.at("aggregation", "conflictResolutionConfig", "priorityOrder")?.items ?? []
        let strategies = (entry.spec ?? document)?.at("outgoingAuth", "backends")?.entries ?? []
        let timeouts = document?.at("operational", "timeouts", "perWorkload")?.entries ?? []
        let named = (tools + order).compactMap { value in value.text.map { (key: $0, value: value) } }
        for (name, value) in named + strategies + timeouts where !name.isEmpty && !known.contains(name) {
            log.warning(
                at: value,
                "names the backend `\(name)`, which there is none of" + Suggestion.sentence(for: name, among: known))
        }
    }

    /// A VirtualMCPServer's own list wins when it is not empty.
    private var passthroughHeaders: [String] {
        let own = entry.spec?["passthroughHeaders"]?.texts ?? []
        return own.isEmpty ? entry.document?["passthroughHeaders"]?.texts ?? [] : own
    }

    private var incomingAuth: IncomingAuthentication {
        let section = entry.spec?["incomingAuth"] ?? (entry.spec == nil ? entry.document?["incomingAuth"] : nil)
        return section?["type"]?.text.flatMap(IncomingAuthentication.init) ?? .anonymous
    }
}
