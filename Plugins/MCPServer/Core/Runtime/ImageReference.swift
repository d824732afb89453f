package import PluginKit

/// What `spec.image` names: a package for a runner, a program on this machine, or a container image.
package enum ImageReference: Sendable, Equatable {
    /// A package from PyPI, run by uvx; with `@VERSION` when one is asked for.
    case python(package: String)
    /// A package from npm, run by npx; with `@VERSION` when one is asked for.
    case node(package: String)
    /// A program: absolute, on PATH when it has no slash, else relative to the file that names it.
    case program(String)
    /// An image for a container engine, as the reference was written.
    case container(String)

    /// Reads a reference.
    ///
    /// - Throws: ``PluginError`` that says what is understood. Packages that look like options are refused: the runner
    ///   would take them for its own.
    package init(_ text: String) throws(PluginError) {
        if let package = text.dropping(prefix: "uvx://") {
            self = .python(package: try Self.checked(package, of: text))
        } else if let package = text.dropping(prefix: "npx://") {
            self = .node(package: try Self.checked(package, of: text))
        } else if let path = text.dropping(prefix: "exec:") {
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw PluginError(.invalid, "spec.image: expected exec:PATH, found '\(text)'")
            }
            self = .program(path)
        } else {
            // The grammar of references is the engine's to know; this keeps a path of its API what it is.
            let isClean = text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x3A, 0x40, 0x5F, 0x2B: true
                default: false
                }
            }
            guard isClean, !text.isEmpty, !text.contains("//"), !text.contains(".."), !text.hasPrefix("/") else {
                throw PluginError(
                    .invalid,
                    "spec.image: expected uvx://PACKAGE, npx://PACKAGE, exec:PATH or a container image, found '\(text)'"
                )
            }
            self = .container(text)
        }
    }

    private static func checked(_ package: String, of text: String) throws(PluginError) -> String {
        let isClean = package.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard !package.isEmpty, isClean, !package.hasPrefix("-"), !package.hasSuffix("@") else {
            throw PluginError(.invalid, "spec.image: expected uvx://PACKAGE[@VERSION] or npx://…, found '\(text)'")
        }
        return package
    }

    /// The program to look for.
    package var program: String {
        switch self {
        case .python: "uvx"
        case .node: "npx"
        case .program(let path): path
        case .container(let reference): reference
        }
    }

    /// What stands between the program and the arguments of the resource.
    package var leadingArguments: [String] {
        switch self {
        case .python(let package): [package]
        case .node(let package): ["-y", package]
        case .program, .container: []
        }
    }

    /// The environment variable that names the program itself, for machines where it is not on PATH.
    package var override: String? {
        switch self {
        case .python: "VMCP_UVX"
        case .node: "VMCP_NPX"
        case .program, .container: nil
        }
    }

    /// How to get a program that is missing.
    package var advice: String {
        switch self {
        case .python:
            "install uv (https://docs.astral.sh/uv/getting-started/installation/), or set VMCP_UVX to the path of uvx"
        case .node: "install Node.js (https://nodejs.org/), or set VMCP_NPX to the path of npx"
        case .program: "check the path, and that the file is executable"
        case .container: "start podman or docker"
        }
    }
}

extension String {
    fileprivate func dropping(prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
