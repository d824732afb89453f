/// The rules of `incomingAuth` and `outgoingAuth` in a file (resource specification, sections 16.1 and 16.2).
enum ProcessAuthRules {
    static func checkIncoming(_ incoming: Located?, validation: Validation) {
        guard let incoming else { return }
        let log = validation.log
        if incoming["type"]?.text == "oidc", incoming["oidc"] == nil {
            log.error(at: incoming, field: "oidc", "expected the block, found nothing; `type: oidc` needs it")
        }
        if let oidc = incoming["oidc"] {
            for field in ["issuer", "audience"] where oidc[field]?.text == "" {
                log.error(at: oidc, field: field, "expected a value, found empty text; it is required")
            }
            SharedRules.exclusive("clientSecretEnv", "clientSecretFile")(oidc, validation)
            if let file = oidc["clientSecretFile"], let path = file.text, !path.isEmpty {
                _ = content(path, at: file, validation: validation)
            }
            if let bundle = oidc["caBundlePath"], let path = bundle.text, !path.isEmpty {
                DocumentRules.checkAbsolute(bundle, path, validation: validation)
            }
        }
        if let authz = incoming["authz"], authz["type"]?.text == "cedar", authz["policies"]?.items.isEmpty ?? true {
            log.error(at: authz, field: "policies", "expected at least 1 policy, found none; `type: cedar` needs it")
        }
    }

    static func checkOutgoing(_ outgoing: Located?, validation: Validation) {
        guard let outgoing else { return }
        if let strategy = outgoing["default"] { check(strategy, validation: validation) }
        for (_, strategy) in outgoing["backends"]?.entries ?? [] {
            if strategy.isNull {
                validation.log.error(
                    at: strategy, "expected a strategy, found nothing; write {type: unauthenticated} for none")
            } else {
                check(strategy, validation: validation)
            }
        }
    }

    private static func check(_ strategy: Located, validation: Validation) {
        guard let type = strategy["type"]?.text else { return }
        let name = ProcessAuthSchema.blocks[type]
        for other in ProcessAuthSchema.blocks.values.sorted() where other != name {
            if let extra = strategy[other] {
                validation.log.error(
                    at: extra, "expected no block `\(other)` with `type: \(type)`, found one; remove it")
            }
        }
        guard let name else { return }
        guard let block = strategy[name] else {
            validation.log.error(
                at: strategy, field: name, "expected the block, found nothing; `type: \(type)` needs it")
            return
        }
        for field in ["tokenUrl", "headerName", "region", "idpTokenUrl", "targetTokenUrl", "targetAudience"]
        where block[field]?.text == "" {
            validation.log.error(at: block, field: field, "expected a value, found empty text; it is required")
        }
        switch type {
        case "header_injection": checkHeader(block, validation: validation)
        case "bearer_token":
            SharedRules.exactlyOne(of: "token", "tokenEnv", "tokenFile")(block, validation)
            checkSecret("token", in: block, validation: validation)
        case "client_credentials":
            SharedRules.exactlyOne(of: "clientSecret", "clientSecretEnv", "clientSecretFile")(block, validation)
            checkSecret("clientSecret", in: block, validation: validation)
        case "token_exchange", "obo": checkSecret("clientSecret", in: block, validation: validation)
        case "xaa":
            for side in ["idp", "target"] {
                checkSecret("\(side)ClientSecret", in: block, validation: validation)
                let secret = SecretForm.allCases.lazy.compactMap { block["\(side)ClientSecret\($0.suffix)"] }.first
                if (block["\(side)ClientId"] == nil) != (secret == nil) {
                    validation.log.error(
                        at: block,
                        "expected `\(side)ClientId` and its secret together, found one of them; add the other")
                }
            }
        default: break
        }
    }

    private static func checkHeader(_ block: Located, validation: Validation) {
        if let name = block["headerName"], let text = name.text, !text.isEmpty, !HeaderRules.isToken(text) {
            validation.log.error(at: name, "expected an HTTP header name, found \"\(text)\"")
        }
        SharedRules.exactlyOne(of: "headerValue", "headerValueEnv", "headerValueFile")(block, validation)
        var value = block["headerValue"]?.text
        if let variable = block["headerValueEnv"], let name = variable.text, !name.isEmpty {
            value = environment(name, at: variable, validation: validation)
        }
        if let file = block["headerValueFile"], let path = file.text, !path.isEmpty {
            value = content(path, at: file, validation: validation)
        }
        if let value, !HeaderRules.isValue(value) {
            validation.log.error(
                at: block, "expected a header value without control characters, found some; remove them")
        }
    }

    private static func checkSecret(_ field: String, in block: Located, validation: Validation) {
        let forms = SecretForm.allCases.map { "\(field)\($0.suffix)" }.filter { block[$0] != nil }
        if forms.count > 1 { SharedRules.exclusive(forms[1], forms[0])(block, validation) }
        if let file = block["\(field)File"], let path = file.text, !path.isEmpty {
            _ = content(path, at: file, validation: validation)
        }
        if let variable = block["\(field)Env"], let name = variable.text, !name.isEmpty {
            _ = environment(name, at: variable, validation: validation)
        }
    }

    /// The secret of a file that a field names; reported when there is none. In a cluster the file may be mounted later.
    private static func content(_ path: String, at file: Located, validation: Validation) -> String? {
        let path = SecretForm.path(path, in: file.file)
        do throws(SecretFile.Unusable) { return String(decoding: try SecretFile.read(path).bytes, as: UTF8.self) } catch
        {
            validation.log.error(at: file, "expected a file that holds the secret, but \(path) \(error)")
            return nil
        }
    }

    /// The value of a variable that a field names; reported when unset or empty, since the process needs it at start.
    private static func environment(_ name: String, at variable: Located, validation: Validation) -> String? {
        let value = validation.sources.environment[name]
        if value?.isEmpty ?? true {
            validation.log.error(
                at: variable,
                "expected the environment variable `\(name)` to hold a value, found it \(value == nil ? "unset" : "empty"); "
                    + "set it before the start")
        }
        return value
    }
}
