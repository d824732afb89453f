/// Finds references in a resource that only a plugin knows, by the names Kubernetes gives such fields.
///
/// `groupRef` names the group; a field that ends in `SecretRef`, `SecretRefs` or `SecretKeyRef` names keys of Secrets,
/// one that ends in `ConfigMapRef` or `ConfigMapKeyRef` keys of ConfigMaps, each as `{name, key}`.
enum PluginReferences {
    static func note(_ spec: Located?, validation: Validation) {
        guard let spec, let namespace = validation.namespace else { return }
        if let group = spec["groupRef"], let name = group["name"]?.text {
            validation.references.append(
                Reference(target: .resource(kind: "MCPGroup"), namespace: namespace, name: name, value: group))
        }
        walk(spec, namespace: namespace, validation: validation)
    }

    private static func walk(_ value: Located, namespace: String, validation: Validation) {
        for (key, child) in value.entries {
            let name = key.lowercased()
            if ["secretref", "secretrefs", "secretkeyref"].contains(where: name.hasSuffix) {
                note(child, .secretKey, namespace: namespace, validation: validation)
            } else if ["configmapref", "configmapkeyref"].contains(where: name.hasSuffix) {
                note(child, .configMapKey(default: ""), namespace: namespace, validation: validation)
            } else {
                walk(child, namespace: namespace, validation: validation)
            }
        }
        for item in value.items { walk(item, namespace: namespace, validation: validation) }
    }

    private static func note(
        _ value: Located, _ target: Reference.Target, namespace: String, validation: Validation
    ) {
        for object in value.items + [value] {
            guard let name = object["name"]?.text, object["key"]?.text != nil else { continue }
            validation.references.append(Reference(target: target, namespace: namespace, name: name, value: object))
        }
    }
}
