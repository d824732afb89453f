import Foundation

/// The validation of the vMCP document (resource specification, section 16.2). Where the reference stops a section at
/// its first error, this reports them all.
enum DocumentRules {
    /// The rules of a document that is a file of its own.
    static let checkFile: ObjectShape.Rule = { document, validation in
        for field in ["name", "groupRef"] where document[field]?.text?.isEmpty ?? true {
            validation.log.error(at: document, field: field, "expected a name, found nothing; it is required")
        }
        for field in ["incomingAuth", "outgoingAuth", "aggregation"] where document[field] == nil {
            validation.log.error(at: document, field: field, "expected the section, found nothing; it is required")
        }
        ProcessAuthRules.checkIncoming(document["incomingAuth"], validation: validation)
        ProcessAuthRules.checkOutgoing(document["outgoingAuth"], validation: validation)
        checkAggregation(document["aggregation"], isFile: true, validation: validation)
        checkBackends(document["backends"], validation: validation)
        checkShared(document, validation: validation)
        VirtualMCPServerRules.checkPrefix(document["sessionStorage"], validation: validation)
        SharedRules.checkRateLimit(
            document["rateLimiting"], storage: document["sessionStorage"],
            isAuthenticated: document.at("incomingAuth", "type")?.text == "oidc",
            authentication: "`incomingAuth.type: oidc`", validation: validation)
    }

    /// The rules that hold in a file and inside a VirtualMCPServer.
    static func checkShared(_ document: Located, validation: Validation) {
        HeaderRules.checkPassthrough(document["passthroughHeaders"], validation: validation)
        CompositeToolRules.checkUniqueNames(document["compositeTools"]?.items ?? [], validation: validation)
        CompositeToolRules.checkCalls(document["compositeTools"]?.items ?? [], validation: validation)
        checkOperational(document["operational"], validation: validation)
    }

    /// `aggregation`; a file must spell out what a resource may leave to defaults.
    static func checkAggregation(_ aggregation: Located?, isFile: Bool, validation: Validation) {
        guard let aggregation else { return }
        let log = validation.log
        let strategy = aggregation["conflictResolution"]?.text ?? (isFile ? "" : "prefix")
        if aggregation["conflictResolution"] == nil, isFile {
            log.error(
                at: aggregation, field: "conflictResolution", "expected one of prefix, priority, manual, found nothing")
        }
        let config = aggregation["conflictResolutionConfig"]
        if config == nil, isFile {
            log.error(
                at: aggregation, field: "conflictResolutionConfig",
                "expected the strategy's parameters, found nothing; write {prefixFormat: \"{workload}_\"} for prefix")
        }
        let owner = config ?? aggregation
        switch strategy {
        case "prefix" where config != nil:
            if config?["prefixFormat"]?.text == "" || (isFile && config?["prefixFormat"] == nil) {
                log.error(at: owner, field: "prefixFormat", "expected a prefix such as {workload}_, found nothing")
            }
        case "priority" where !isFile || config != nil:
            if config?["priorityOrder"]?.items.isEmpty ?? true {
                log.error(
                    at: owner, field: "priorityOrder",
                    "expected backend names, highest first, found none; priority needs them")
            }
        case "manual":
            if aggregation["tools"]?.items.isEmpty ?? true {
                log.error(
                    at: aggregation, field: "tools", "expected overrides by backend, found none; manual needs them")
            }
        default: break
        }
        for item in config?["priorityOrder"]?.items ?? [] where item.text == "" {
            log.error(at: item, "expected a backend name, found empty text; remove it")
        }
        checkWorkloads(aggregation, strategy: strategy, validation: validation)
    }

    private static func checkWorkloads(_ aggregation: Located, strategy: String, validation: Validation) {
        let log = validation.log
        var seen: [String: Located] = [:]
        for tool in aggregation["tools"]?.items ?? [] {
            if let workload = tool["workload"], let name = workload.text {
                if name.isEmpty {
                    log.error(at: workload, "expected a backend name, found empty text; it is required")
                } else if let first = seen[name] {
                    log.error(
                        at: workload,
                        "expected each backend once, found `\(name)` again (first at line \(first.place.line))")
                } else {
                    seen[name] = workload
                }
            }
            checkOverrides(tool["overrides"], validation: validation)
        }
        guard aggregation["defaultToolVisibility"]?.text == "deny", strategy == "priority" else { return }
        for item in aggregation.at("conflictResolutionConfig", "priorityOrder")?.items ?? [] {
            guard let name = item.text, !name.isEmpty, seen[name] == nil else { continue }
            log.error(
                at: item,
                "expected an entry of `\(name)` in `tools` too, found none; with `defaultToolVisibility: deny` it could win "
                    + "a conflict and then be hidden")
        }
    }

    /// Hints alone are a valid override; nothing at all is none. New names must differ, or tools would be lost.
    static func checkOverrides(_ overrides: Located?, validation: Validation) {
        var names: [String: Located] = [:]
        for (_, entry) in overrides?.entries ?? [] {
            let isEmpty =
                (entry["name"]?.text?.isEmpty ?? true) && (entry["description"]?.text?.isEmpty ?? true)
                && (entry["annotations"]?.entries.isEmpty ?? true)
            if isEmpty {
                validation.log.error(
                    at: entry, "expected `name`, `description` or `annotations`, found none; say what changes")
            }
            guard let name = entry["name"], let text = name.text, !text.isEmpty else { continue }
            if let first = names.updateValue(name, forKey: text) {
                validation.log.error(
                    at: name,
                    "expected a name no other override gives, found `\(text)` again (first at line \(first.place.line))"
                )
            }
        }
    }

    private static func checkBackends(_ backends: Located?, validation: Validation) {
        var seen: [String: Located] = [:]
        for backend in backends?.items ?? [] {
            if let name = backend["name"], let text = name.text {
                if text.isEmpty {
                    validation.log.error(at: name, "expected a backend name, found empty text; it is required")
                } else if let first = seen.updateValue(name, forKey: text) {
                    validation.log.error(
                        at: name,
                        "expected each backend name once, found `\(text)` again (first at line \(first.place.line))")
                }
            }
            let isEntry = backend["type"]?.text == "entry"
            if let bundle = backend["caBundlePath"], let path = bundle.text, !path.isEmpty {
                if !isEntry {
                    validation.log.error(
                        at: bundle, "expected `type: entry` with `caBundlePath`, found another type; add it")
                }
                checkAbsolute(bundle, path, validation: validation)
            }
            if let url = backend["url"], let text = url.text, Pattern.matches(text, "^https?://"),
                let problem = RemoteURL.problem(with: text, reach: reach(isEntry: isEntry, validation.sources))
            {
                validation.log.error(at: url, problem)
            }
        }
    }

    /// In a cluster the operator writes this list: the addresses of its own services, which are private, and entries it
    /// has checked before.
    static func reach(isEntry: Bool, _ sources: ConfigurationSources) -> RemoteURL.Reach {
        RemoteURL.Reach(allowPrivateEndpoint: sources.target == .cluster, sources: sources)
    }

    /// A path from a file must not depend on the working directory or climb out of a folder.
    static func checkAbsolute(_ value: Located, _ path: String, validation: Validation) {
        if !path.hasPrefix("/") || path.contains("\0") || path.split(separator: "/").contains("..") {
            validation.log.error(
                at: value, "expected an absolute path without `..` and NUL, found another; write it out")
        }
    }

    private static func checkOperational(_ operational: Located?, validation: Validation) {
        let log = validation.log
        func checkPositive(_ value: Located?) {
            if let value, value.duration == .zero {
                log.error(at: value, "expected a duration greater than 0, found 0")
            }
        }
        let timeouts = operational?["timeouts"]
        checkPositive(timeouts?["connect"])
        checkPositive(timeouts?["default"])
        for (_, value) in timeouts?["perWorkload"]?.entries ?? [] { checkPositive(value) }
        guard let failure = operational?["failureHandling"] else { return }
        checkPositive(failure["healthCheckInterval"])
        let interval = failure["healthCheckInterval"]?.duration ?? .seconds(30)
        if let timeout = failure["healthCheckTimeout"], let duration = timeout.duration, interval > .zero,
            duration >= interval
        {
            log.error(
                at: timeout,
                "expected less than `healthCheckInterval` (\(DurationText.text(interval))), found \(DurationText.text(duration))"
            )
        }
        if let breaker = failure["circuitBreaker"], let timeout = breaker["timeout"], let duration = timeout.duration,
            duration < .seconds(1), breaker["enabled"]?.boolean == true || timeout.path.hasPrefix("spec.")
        {
            log.error(at: timeout, "expected at least 1s, found \(timeout.text ?? "")")
        }
    }
}
