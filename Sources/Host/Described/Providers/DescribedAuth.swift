import Crypto
import PluginKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A function of a library as a strategy for outgoing credentials.
final class DescribedAuth: AuthStrategy {
    let needs: AuthNeeds
    private let core: DescribedCore
    private let auth: AuthDescription
    private let function: FunctionDescription
    private let services: HostServices
    private let sources: Set<String>

    /// `nil` for a description without a strategy.
    init?(_ core: DescribedCore, _ services: HostServices) {
        guard let auth = core.description.auth, let function = core.description.function(auth.function) else {
            return nil
        }
        self.core = core
        self.auth = auth
        self.function = function
        self.services = services
        var sources = Set(auth.headers.flatMap(\.value.sources))
        for case .template(let template)? in function.arguments.map(\.binding) { sources.formUnion(template.sources) }
        self.sources = sources
        var needs: AuthNeeds = []
        if sources.contains(where: { $0.hasPrefix("request.body") }) { needs.insert(.body) }
        if auth.cache == .identity || sources.contains(where: { $0.hasPrefix("identity.") }) { needs.insert(.identity) }
        self.needs = needs
    }

    func start(_ call: Call) { core.start(call) }
    func quiesce(_ call: Call) { core.quiesce(call) }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        // Discovery and health have no identity: they go without what needs one.
        if needs.contains(.identity), request.identity == 0 { return reply.pass() }
        let now = Date.now.timeIntervalSince1970
        do throws(CallFailure) {
            var sources = try values(request, now)
            let answer = try core.call(function, [], sources: sources, for: reply.call)
            for member in answer {
                sources[member.name] = try encoded(member)
            }
            var headers: [Header] = []
            for (name, template) in auth.headers {
                headers.append(Header(name, try Self.headerText(try core.value(of: template, sources), name)))
            }
            reply.grant(
                AuthAnswer(
                    set: headers, scope: AuthAnswer.CacheScope(auth.cache), expiresAt: try expiry(answer, now),
                    cacheKey: []))
        } catch {
            reply.refuse(Outcome(error))
        }
    }

    /// Bytes become text here, as their encoding says.
    private func encoded(_ member: Member) throws(CallFailure) -> Value {
        guard case .bytes(let bytes) = member.value else { return member.value }
        let encoding =
            member.name == function.result.name && function.result.type != nil
            ? function.result.encoding : function.arguments.first { $0.name == member.name }?.encoding ?? .base64
        guard let text = ByteText.encode(bytes, encoding) else {
            throw CallFailure(.badResult, "'\(member.name)' is not UTF-8, as its description says")
        }
        return .text(text)
    }

    /// A value that can stand in a header (RFC 9110 section 5.5); a line break would begin a header of somebody's own.
    private static func headerText(_ value: Value, _ name: String) throws(CallFailure) -> String {
        let text: String
        switch value {
        case .text(let value): text = value
        case .integer(let number): text = String(number)
        case .unsigned(let number): text = String(number)
        default: throw CallFailure(.badResult, "the header \(name) would be \(value.kind)")
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw CallFailure(.badResult, "the header \(name) would have control characters in it")
        }
        return text
    }

    private func expiry(_ answer: [Member], _ now: Double) throws(CallFailure) -> UInt64 {
        switch auth.expiry {
        case nil: return 0
        case .after(let seconds): return UInt64((now + Double(seconds)) * 1_000)
        case .output(let name):
            guard case .integer(let seconds)? = answer[name], seconds >= 0, seconds < 253_402_300_800 else {
                throw CallFailure(.badResult, "'\(name)' is no Unix time in seconds")
            }
            return UInt64(seconds) * 1_000
        }
    }

    // MARK: Sources

    private func values(_ request: AuthRequest, _ now: Double) throws(CallFailure) -> [String: Value] {
        var values: [String: Value] = [:]
        values["request.method"] = .text(request.method)
        values["request.url"] = .text(request.url)
        values["request.time"] = .integer(Int64(now))
        if sources.contains("request.host") || sources.contains("request.path") {
            let (host, path) = Self.parts(of: request.url)
            values["request.host"] = .text(host)
            values["request.path"] = .text(path)
        }
        if needs.contains(.body) {
            values["request.body"] = .bytes(request.body)
            values["request.bodySHA256"] = .text(
                ByteText.encode(Array(SHA256.hash(data: request.body)), .hex) ?? "")
        }
        guard sources.contains(where: { $0.hasPrefix("identity.") }) else { return values }
        do throws(PluginError) {
            if sources.contains("identity.token") {
                values["identity.token"] = .text(try services.identity.token(request.identity).reveal())
            }
            let claims = try services.identity.claims(request.identity)
            values["identity.subject"] = .text(claims["sub"]?.string ?? "")
            values["identity.issuer"] = .text(claims["iss"]?.string ?? "")
            values["identity.audience"] = .text(Self.words(claims["aud"]))
            values["identity.scopes"] = .text(Self.words(claims["scope"] ?? claims["scp"]))
        } catch {
            throw CallFailure(.unavailable, "who calls is not known: \(error.message)")
        }
        return values
    }

    /// A claim that is a text, or a list of them.
    private static func words(_ claim: JSONValue?) -> String {
        claim?.string ?? (claim?.array ?? []).compactMap(\.string).joined(separator: " ")
    }

    /// Host with port, and path with query, as they stand in a URL.
    static func parts(of url: String) -> (host: String, path: String) {
        guard let scheme = url.firstRange(of: "://") else { return ("", url) }
        let rest = url[scheme.upperBound...]
        let slash = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let path = rest[slash...]
        return (String(rest[..<slash]), path.hasPrefix("/") ? String(path) : "/" + path)
    }
}

extension AuthAnswer.CacheScope {
    fileprivate init(_ cache: AuthDescription.Cache) {
        self =
            switch cache {
            case .none: .none
            case .backend: .backend
            case .identity: .identity
            }
    }
}
