/// An issuer whose tokens the embedded authorization server takes (resource specification, section 10.2).
enum TrustedIssuerSchema {
    static let block = ObjectShape(
        [
            .optional("actorClaim", .text(length: 0...64)), .optional("actorMatcher", .text(length: 0...4096)),
            .optional("allowMayAct", .boolean, default: "false"), .optional("allowPrivateIPs", .boolean),
            .optional("allowedActors", .list(.text(length: 1...256), count: 0...50)),
            .optional("allowedDelegateClients", .list(.text(length: 1...256), count: 1...50)),
            .optional("expectedAudience", .text(length: 1...2048)), .optional("insecureAllowHTTP", .boolean),
            .required("issuerUrl", .text(length: 1...2048)), .optional("jwksUrl", .text(length: 0...2048)),
            .optional("jwtBearerGrant", grant),
        ], rules: [wildcard, reservedClaim, privateKeys, delegation])

    private static let audience = Shape.text("^https?://[^\\s]+$", length: 1...2048, hint: "an http(s) URL")

    private static let grant = Shape.object(
        ObjectShape(
            [
                .optional("acceptedAudiences", .list(audience, count: 0...50)), .required("maxAssertionAge", .duration),
                .required(
                    "subjectBindings",
                    .list(
                        .object(
                            .required("allowedResources", .list(audience, count: 1...50)),
                            .required("subject", .text("^[^*]+$", length: 1...256, hint: "a subject without `*`"))),
                        count: 1...50, uniqueBy: "subject")),
            ], rules: [positiveAge]))

    private static let positiveAge: ObjectShape.Rule = { value, validation in
        if let age = value["maxAssertionAge"], age.duration == .zero {
            validation.log.error(
                at: age, "expected a duration greater than 0, found 0; say how old an assertion may be")
        }
    }

    private static let wildcard: ObjectShape.Rule = { value, validation in
        guard let clients = value["allowedDelegateClients"], clients.texts.contains("*") else { return }
        if clients.texts.count > 1 {
            validation.log.error(at: clients, "expected `*` alone or client ids alone, found both; remove one")
        }
        if let mayAct = value["allowMayAct"], mayAct.boolean == true {
            validation.log.error(at: mayAct, "expected named delegate clients with `allowMayAct`, found `*`; name them")
        }
    }

    private static let reservedClaim: ObjectShape.Rule = { value, validation in
        let reserved = ["sub", "iss", "aud", "exp", "iat", "nbf", "jti", "name", "email", "scope", "scp", "may_act"]
        if let claim = value["actorClaim"], let text = claim.text, reserved.contains(text) {
            validation.log.error(at: claim, "expected a claim of your own, found the reserved claim `\(text)`")
        }
    }

    private static let privateKeys: ObjectShape.Rule = { value, validation in
        if let addresses = value["allowPrivateIPs"], addresses.boolean == true, value["jwksUrl"]?.text?.isEmpty ?? true
        {
            validation.log.error(
                at: addresses, "expected `jwksUrl` with `allowPrivateIPs`, found none; name the keys' URL")
        }
    }

    private static let delegation: ObjectShape.Rule = { value, validation in
        let asksForDelegation =
            ["expectedAudience", "actorClaim", "actorMatcher"].contains { value[$0]?.text?.isEmpty == false }
            || value["allowMayAct"]?.boolean == true
        let grantAlone = value["jwtBearerGrant"] != nil && !asksForDelegation && value["allowedDelegateClients"] == nil
        if value["expectedAudience"] == nil, !grantAlone {
            validation.log.error(
                at: value, field: "expectedAudience",
                "expected the audience of the issuer's tokens, found nothing; only an issuer used for `jwtBearerGrant` "
                    + "alone may leave it out")
        }
        if asksForDelegation, value["allowedDelegateClients"] == nil {
            validation.log.error(
                at: value, field: "allowedDelegateClients",
                "expected the clients that may delegate, found nothing; name them")
        }
    }
}
