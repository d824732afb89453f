import ClaimExpressions
import PluginKit

/// Which role a caller may take.
struct RoleMappings: Sendable {
    private enum Condition: Sendable {
        /// Occurs in the claim that lists groups or roles.
        case value(String)
        case expression(ClaimExpression)
    }

    private struct Mapping: Sendable {
        let condition: Condition
        let role: String
        let priority: Int?
    }

    private let mappings: [Mapping]
    private let fallback: String?
    private let claim: String

    init(_ settings: StrategySettings) throws(PluginError) {
        claim = try settings.text("roleClaim") ?? "groups"
        fallback = try settings.text("fallbackRoleArn")
        if let fallback { try Self.check(fallback, "fallbackRoleArn") }
        var read: [Mapping] = []
        for (index, item) in try settings.values("roleMappings").enumerated() {
            read.append(try Self.mapping(item, "roleMappings[\(index)]"))
        }
        guard fallback != nil || !read.isEmpty else {
            throw PluginError(
                .invalid, "expected fallbackRoleArn or roleMappings, found neither; name a role to assume")
        }
        // Ascending, those without a priority last; among equals the order in which they are written.
        mappings = read.enumerated().sorted { left, right in
            (left.element.priority ?? .max, left.offset) < (right.element.priority ?? .max, right.offset)
        }.map(\.element)
    }

    private static func mapping(_ item: JSONValue, _ field: String) throws(PluginError) -> Mapping {
        guard let role = item["roleArn"]?.string else {
            throw PluginError(.invalid, "\(field).roleArn: expected a role, found nothing; it is required")
        }
        try check(role, "\(field).roleArn")
        let condition: Condition
        switch (item["claim"]?.string, item["matcher"]?.string) {
        case (let value?, nil): condition = .value(value)
        case (nil, let text?):
            do throws(PluginError) { condition = .expression(try ClaimExpression(text)) } catch {
                throw PluginError(.invalid, "\(field).matcher: \(error.message)")
            }
        default: throw PluginError(.invalid, "\(field): expected either claim or matcher, found both or neither")
        }
        return Mapping(condition: condition, role: role, priority: item["priority"]?.integer)
    }

    /// `arn:PARTITION:iam::ACCOUNT:role/PATH`.
    private static func check(_ arn: String, _ field: String) throws(PluginError) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        let isDigits =
            parts.count == 6 && parts[4].utf8.count == 12 && parts[4].utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
        guard isDigits, parts[0] == "arn", parts[1] == "aws" || parts[1].hasPrefix("aws-"), parts[2] == "iam",
            parts[3].isEmpty, parts[5].hasPrefix("role/"), parts[5].utf8.count > 5
        else {
            throw PluginError(
                .invalid,
                "\(field): expected a role such as arn:aws:iam::123456789012:role/name, found \"\(arn)\"")
        }
    }

    /// - Parameter skipped: Called with the place of each mapping whose expression has no value, and why.
    /// - Throws: ``PluginError`` when no role is the caller's.
    func role(for claims: JSONValue, skipped: (String) -> Void) throws(PluginError) -> String {
        for mapping in mappings {
            switch mapping.condition {
            case .value(let value):
                let found = claims[claim]
                if found?.string == value || found?.array?.contains(.string(value)) ?? false { return mapping.role }
            case .expression(let expression):
                do throws(ClaimExpression.Failure) {
                    if try expression.holds(for: claims) { return mapping.role }
                } catch {
                    skipped("the matcher for \(mapping.role) has no value for this caller: \(error.why)")
                }
            }
        }
        guard let fallback else { throw PluginError(.unauthenticated, "no role mapping matches the caller's claims") }
        return fallback
    }
}
