/// What `spec.image` of an MCPServer names.
package enum ServerImage: Sendable, Equatable {
    /// `uvx://PACKAGE[@VERSION]`: a Python package.
    case uvx(package: String, version: String?)
    /// `npx://PACKAGE[@VERSION]`: a Node.js package.
    case npx(package: String)
    /// `exec:PATH`: a program, absolute, on PATH, or relative to the file that defines the resource.
    case program(path: String)
    /// Anything else: an OCI image reference.
    case container(reference: String)

    /// Reads an image; the text must have passed ``problem(with:)``.
    package init(_ text: String) {
        if text.hasPrefix("uvx://") {
            let rest = text.dropFirst(6)
            let parts = rest.split(separator: "@", maxSplits: 1)
            self = .uvx(package: String(parts.first ?? rest), version: parts.count > 1 ? String(parts[1]) : nil)
        } else if text.hasPrefix("npx://") {
            self = .npx(package: String(text.dropFirst(6)))
        } else if text.hasPrefix("exec:") {
            self = .program(path: String(text.dropFirst(5)))
        } else {
            self = .container(reference: text)
        }
    }

    /// Whether the image needs a container engine.
    package var isContainer: Bool {
        if case .container = self { return true }
        return false
    }

    /// What is wrong with an image text, or `nil`.
    static func problem(with text: String) -> String? {
        let forms = "uvx://PACKAGE[@VERSION], npx://PACKAGE, exec:PATH, or a container image"
        if text.isEmpty { return "expected \(forms), found empty text" }
        switch ServerImage(text) {
        case .uvx(let package, let version):
            // Names: https://peps.python.org/pep-0508/#names, with extras; a leading hyphen would be an option.
            let isName = Pattern.matches(
                package, #"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9._,-]+\])?$"#)
            let isVersion = version.map { Pattern.matches($0, #"^[A-Za-z0-9][A-Za-z0-9.!+_*-]*$"#) } ?? true
            return isName && isVersion ? nil : "expected uvx://PACKAGE[@VERSION], found \"\(text)\""
        case .npx(let package):
            // Names: https://docs.npmjs.com/cli/configuring-npm/package-json#name, with an optional version or tag.
            let pattern =
                #"^(@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*(@[A-Za-z0-9^~][A-Za-z0-9._^~+-]*)?$"#
            return Pattern.matches(package, pattern) ? nil : "expected npx://PACKAGE[@VERSION], found \"\(text)\""
        case .program(let path):
            return path.isEmpty || path.contains("\0") ? "expected exec:PATH, found \"\(text)\"" : nil
        case .container(let reference):
            if let scheme = reference.firstRange(of: "://") {
                return "expected \(forms), found the scheme `\(reference[..<scheme.lowerBound])`"
                    + Suggestion.sentence(for: String(reference[..<scheme.lowerBound]), among: ["uvx", "npx", "exec"])
            }
            // https://github.com/distribution/reference, grammar of a reference.
            let pattern =
                #"^([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?$"#
            return Pattern.matches(reference, pattern) ? nil : "expected \(forms), found \"\(text)\""
        }
    }
}
