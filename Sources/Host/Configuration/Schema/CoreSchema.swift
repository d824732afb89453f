import Foundation

/// What every Kubernetes object has, and the two core kinds that resources refer to.
enum CoreSchema {
    static let header: [Field] = [
        .required("apiVersion", .text(length: 1...Int.max)), .required("kind", .text(length: 1...Int.max)),
        .required("metadata", metadata),
    ]

    /// Names follow RFC 1123 (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
    private static let metadata = Shape.object(
        .required(
            "name",
            .text(
                #"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"#, length: 1...253,
                hint: "lower case letters, digits, hyphens and dots, beginning and ending with a letter or digit")),
        .optional(
            "namespace",
            .text(
                "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", length: 1...63, hint: "lower case letters, digits and inner hyphens"),
            default: "default"),
        .optional("labels", .textMap), .optional("annotations", .textMap), .optional("generateName", .text),
        .optional("uid", .text), .optional("resourceVersion", .text), .optional("generation", .anything),
        .optional("creationTimestamp", .anything), .optional("deletionTimestamp", .anything),
        .optional("deletionGracePeriodSeconds", .anything), .optional("finalizers", .texts),
        .optional("ownerReferences", .anything), .optional("managedFields", .anything), .optional("selfLink", .text))

    /// A Secret (core/v1).
    static let secret = ObjectShape(
        header + [
            .optional("data", .secretTextMap), .optional("stringData", .secretTextMap), .optional("type", .text),
            .optional("immutable", .boolean),
        ], rules: [coreVersion, base64("data")])

    /// A ConfigMap (core/v1).
    static let configMap = ObjectShape(
        header + [
            .optional("data", .textMap), .optional("binaryData", .secretTextMap), .optional("immutable", .boolean),
        ], rules: [coreVersion, base64("binaryData")])

    private static let coreVersion: ObjectShape.Rule = { document, validation in
        if let version = document["apiVersion"], let text = version.text, text != "v1" {
            validation.log.error(at: version, "expected v1, found \"\(text)\"")
        }
    }

    private static func base64(_ field: String) -> ObjectShape.Rule {
        { document, validation in
            for (_, value) in document[field]?.entries ?? [] {
                guard let text = value.text, bytes(ofBase64: text) == nil else { continue }
                let advice = field == "data" ? "; plain text goes under `stringData`" : ""
                validation.log.error(at: value, "expected base64, found text that is not\(advice)")
            }
        }
    }

    /// The bytes behind base64 text; line breaks in it do not count.
    static func bytes(ofBase64 text: String) -> [UInt8]? {
        Data(base64Encoded: text.filter { !$0.isWhitespace }).map(Array.init)
    }
}
