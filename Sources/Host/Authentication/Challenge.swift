import Gateway

/// What an answer tells a client that is not let in (RFC 6750, section 3; RFC 9728, section 5.1).
struct Challenge: Sendable {
    let settings: OIDCSettings

    /// The value of `WWW-Authenticate`.
    func header(_ fault: TokenFault) -> String {
        var parts: [(String, String)] = []
        if !settings.issuer.isEmpty { parts.append(("realm", settings.issuer)) }
        if let url = ProtectedResource(settings).metadataURL { parts.append(("resource_metadata", url)) }
        let scopes = settings.advertised
        if !scopes.isEmpty { parts.append(("scope", scopes.joined(separator: " "))) }
        parts += [("error", fault.code), ("error_description", fault.text)]
        return "Bearer " + parts.map { "\($0.0)=\(Self.quoted($0.1))" }.joined(separator: ", ")
    }

    /// The body: what the header says, for people who look at bodies.
    func body(_ fault: TokenFault) -> [UInt8] {
        var out = Array("{\"error\":\"\(fault.code)\",\"error_description\":".utf8)
        JSONText.append(fault.description, to: &out)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// RFC 9110, section 5.6.4; control characters cannot stand in it.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7F {
            if scalar == "\"" || scalar == "\\" { out.append("\\") }
            out.unicodeScalars.append(scalar)
        }
        return out + "\""
    }
}
