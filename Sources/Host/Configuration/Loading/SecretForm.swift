import Foundation

/// How a document gives a secret: by the end of the field's name.
enum SecretForm: CaseIterable {
    /// `clientSecretEnv`: the name of a variable.
    case variable
    /// `clientSecretFile`: a file that holds nothing else.
    case file
    /// `clientSecret`: the value itself.
    case value

    var suffix: String {
        switch self {
        case .variable: "Env"
        case .file: "File"
        case .value: ""
        }
    }

    init(_ field: String) { self = Self.allCases.first { field.hasSuffix($0.suffix) } ?? .value }

    /// The absolute path that a file's field means: a relative one begins at the folder of the document.
    static func path(_ text: String, in document: String) -> String {
        URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: BackendAssembly.folder(of: document) + "/"))
            .standardizedFileURL.path
    }
}
