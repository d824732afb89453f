/// Follows the references that the validator met.
struct ReferenceResolution {
    let index: ResourceIndex
    let validation: Validation

    /// What a reference to a Secret or ConfigMap leads to.
    enum Lookup {
        case found(Found)
        case missingResource
        case missingKey(known: [String])
        /// It is a file, and why that is of no use.
        case unreadable(String)
    }

    /// The content behind a reference.
    enum Found {
        case secret(SecretValue)
        case text(String)
    }

    /// Reports each reference that leads nowhere.
    func checkAll() {
        for reference in validation.references { check(reference) }
    }

    private func check(_ reference: Reference) {
        switch reference.target {
        case .resource(let kind):
            guard index.resource(kind: kind, namespace: reference.namespace, name: reference.name) == nil else {
                return
            }
            let known = index.resources(kind: kind, namespace: reference.namespace).map(\.name)
            report(reference, kind: kind, known: known, isCritical: true)
        case .secretKey:
            guard let key = reference.value["key"]?.text else { return }
            check(reference, kind: "Secret", key: key, lookup: secret(reference.namespace, reference.name, key))
        case .configMapKey(let standard):
            let written = reference.value["key"]?.text ?? ""
            let key = written.isEmpty ? standard : written
            guard !key.isEmpty else { return }
            check(reference, kind: "ConfigMap", key: key, lookup: configMap(reference.namespace, reference.name, key))
        }
    }

    private func check(_ reference: Reference, kind: String, key: String, lookup: Lookup) {
        switch lookup {
        case .found: break
        case .unreadable(let why):
            validation.log.error(at: reference.value["key"] ?? reference.value, "expected a secret, but \(why)")
        case .missingResource:
            let known = index.resources(kind: kind, namespace: reference.namespace).map(\.name)
            report(reference, kind: kind, known: known, isCritical: false)
        case .missingKey(let known):
            let message =
                "expected a key of the \(kind) `\(reference.name)`, found `\(key)`, which it does not have"
                + Suggestion.sentence(for: key, among: known)
            validation.log.error(at: reference.value["key"] ?? reference.value, message)
        }
    }

    /// In a cluster a Secret or ConfigMap may exist that no file holds.
    private func report(_ reference: Reference, kind: String, known: [String], isCritical: Bool) {
        let place = reference.value["name"] ?? reference.value
        let message =
            "expected \(kind) `\(reference.name)` in namespace `\(reference.namespace)`, found none"
            + (Suggestion.closest(to: reference.name, among: known).map { "; did you mean `\($0)`?" }
                ?? "; add it to the files")
        if validation.sources.target == .cluster, !isCritical {
            validation.log.warning(at: place, message + ", or make sure that the cluster has it")
        } else {
            validation.log.error(at: place, message)
        }
    }

    /// A key of a Secret, of the files or mounted. `stringData` wins over `data`, as the API server merges them.
    func secret(_ namespace: String, _ name: String, _ key: String) -> Lookup {
        guard let secret = index.resource(kind: "Secret", namespace: namespace, name: name)?.document else {
            return SecretFolders(environment: validation.sources.environment).secret(name, key) ?? .missingResource
        }
        if let text = value(secret["stringData"], key)?.text { return .found(.secret(SecretValue(text))) }
        if let text = value(secret["data"], key)?.text, let bytes = CoreSchema.bytes(ofBase64: text) {
            return .found(.secret(SecretValue(bytes)))
        }
        if value(secret["data"], key) != nil || value(secret["stringData"], key) != nil {
            // The value itself is malformed, which was reported where it stands.
            return .found(.secret(SecretValue([])))
        }
        return .missingKey(known: ((secret["data"]?.entries ?? []) + (secret["stringData"]?.entries ?? [])).map(\.key))
    }

    /// A key of a ConfigMap.
    func configMap(_ namespace: String, _ name: String, _ key: String) -> Lookup {
        guard let map = index.resource(kind: "ConfigMap", namespace: namespace, name: name)?.document else {
            return .missingResource
        }
        if let value = value(map["data"], key) { return .found(.text(value.text ?? "")) }
        if let text = value(map["binaryData"], key)?.text {
            return .found(.text(String(decoding: CoreSchema.bytes(ofBase64: text) ?? [], as: UTF8.self)))
        }
        return .missingKey(known: (map["data"]?.entries ?? []).map(\.key))
    }

    private func value(_ map: Located?, _ key: String) -> Located? { map?[key] }
}
