/// A place where one resource names another one of its namespace.
struct Reference {
    /// What is named.
    enum Target: Sendable, Equatable {
        /// A resource of this kind, by `name`.
        case resource(kind: String)
        /// A key of a Secret, by `name` and `key`.
        case secretKey
        /// A key of a ConfigMap, by `name` and `key`; an empty or absent key means the default.
        case configMapKey(default: String)
    }

    let target: Target
    let namespace: String
    let name: String
    /// The object that holds `name`.
    let value: Located
}
