/// MCPServer (resource specification, section 4), with our `sessionIsolation` and image schemes.
enum MCPServerSchema {
    static let spec = ObjectShape(
        SharedBlocks.workload + [
            .required("image", .text), .optional("args", .texts), .optional("backendReplicas", .nonNegative),
            .optional("env", SharedBlocks.environment), .optional("mcpPort", .port),
            .optional("permissionProfile", permissionProfile),
            .optional("proxyMode", .oneOf("sse", "streamable-http"), default: "streamable-http"),
            .optional("rateLimiting", SharedBlocks.rateLimiting), .optional("secrets", secrets),
            .optional("sessionIsolation", .oneOf("auto", "shared", "private"), default: "auto"),
            .optional("transport", .oneOf("stdio", "streamable-http", "sse"), default: "stdio"),
            .optional("volumes", volumes),
            .optional("webhookConfigRef", .object(.required("name", .text))),
        ],
        rules: [SharedRules.workload, image, profileAndTransport, privateNeedsFreePort])

    private static let permissionProfile = Shape.object(
        ObjectShape(
            [
                .optional("type", .oneOf("builtin", "configmap"), default: "builtin"), .required("name", .text),
                .optional("key", .text),
            ], rules: [profile]))

    private static let secrets = Shape.list(
        .object(
            ObjectShape(
                [.required("name", .text), .required("key", .text), .optional("targetEnvName", .text)],
                reference: .secretKey, rules: [SharedBlocks.notEmpty("name"), SharedBlocks.notEmpty("key")])),
        uniqueBy: "name")

    private static let volumes = Shape.list(
        .object(
            .required("name", .text), .required("hostPath", .text), .required("mountPath", .text),
            .optional("readOnly", .boolean, default: "false")), uniqueBy: "name")

    private static let image: ObjectShape.Rule = { spec, validation in
        guard let image = spec["image"], let text = image.text else { return }
        if let problem = ServerImage.problem(with: text) { validation.log.error(at: image, problem) }
    }

    private static let profile: ObjectShape.Rule = { value, validation in
        guard let name = value["name"], let text = name.text else { return }
        if value["type"]?.text == "configmap" {
            guard let namespace = validation.namespace, !text.isEmpty else { return }
            validation.references.append(
                Reference(target: .configMapKey(default: ""), namespace: namespace, name: text, value: value))
        } else if text != "none", text != "network" {
            validation.log.error(
                at: name,
                "expected one of none, network, found \"\(text)\"; a profile of your own needs `type: configmap`")
        }
    }

    private static let profileAndTransport: ObjectShape.Rule = { spec, validation in
        guard let profile = spec["permissionProfile"], profile["type"]?.text ?? "builtin" == "builtin",
            profile["name"]?.text == "none", let transport = spec["transport"], let name = transport.text,
            name != "stdio"
        else { return }
        validation.log.error(
            at: transport,
            "expected `transport: stdio` with the permission profile `none`, found \(name); the profile has no network, "
                + "so that nobody could reach the server: choose stdio or the profile `network`")
    }

    private static let privateNeedsFreePort: ObjectShape.Rule = { spec, validation in
        guard spec["sessionIsolation"]?.text == "private", let port = spec["mcpPort"],
            let transport = spec["transport"]?.text, transport != "stdio"
        else { return }
        validation.log.error(
            at: port,
            "expected no fixed port with `sessionIsolation: private`, found one; each session starts its own process, so "
                + "leave `mcpPort` out and let each get a free port")
    }
}
