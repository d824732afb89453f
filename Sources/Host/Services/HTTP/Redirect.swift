/// Where a redirect leads: only to where the request went already, so that neither body nor credentials get elsewhere.
enum Redirect {
    /// How many are followed for one exchange.
    static let most = 5

    /// A step that may be taken.
    struct Step {
        let url: String
        let origin: Origin
    }

    /// Whether a response asks for another request.
    static func isOne(_ head: ResponseHead) -> Bool {
        [301, 302, 303, 307, 308].contains(head.status) && head["location"] != nil
    }

    /// - Parameters:
    ///   - url: What was asked for.
    ///   - origin: Of `url`.
    ///   - taken: Steps before this one.
    /// - Throws: ``ServiceOutcome`` that says why the step is not taken; it names origins only, because paths and
    ///   queries may hold secrets.
    static func step(
        _ head: ResponseHead, from url: String, _ origin: Origin, taken: Int
    ) throws(ServiceOutcome) -> Step {
        func refusal(_ what: String) -> ServiceOutcome {
            var outcome = ServiceOutcome(.brokenProtocol, "\(origin): \(what)")
            outcome.httpStatus = head.status
            return outcome
        }
        guard let target = Origin.resolve(head["location"] ?? "", from: url) else {
            throw refusal("a redirect without a usable Location")
        }
        guard target.origin == origin else {
            throw refusal("a redirect to \(target.origin), which is another origin and not followed")
        }
        guard taken < most else { throw refusal("more than \(most) redirects") }
        return Step(url: target.url, origin: target.origin)
    }

    /// Whether the next request is a GET without a body: after 301 and 302 for a POST, and after 303 for everything but
    /// HEAD (WHATWG Fetch, "HTTP-redirect fetch", and every browser).
    static func becomesGet(_ method: String, status: UInt32) -> Bool {
        switch status {
        case 301, 302: method == "POST"
        case 303: method != "HEAD"
        default: false
        }
    }
}
