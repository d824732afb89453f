/// How the search for tools is, for `/status` and people.
package struct SearchStatus: Sendable, Equatable {
    /// Of the vectors.
    package struct Embedding: Sendable, Equatable {
        package enum Phase: String, Sendable {
            /// The provider is being started.
            case starting
            /// Some tools have no vector yet, and are found by keywords.
            case embedding
            case ready
            /// The provider cannot be used, and the next attempt will come; what has no vector is found by keywords.
            case failing
        }

        /// As the configuration names it.
        package var provider: String
        /// `nil` while not known.
        package var model: String?
        package var phase: Phase
        /// Tools that have vectors.
        package var embedded: Int
        /// Why it fails, for people; `nil` when it does not.
        package var message: String?
    }

    package var ranking: String
    /// Tools in the index.
    package var tools: Int
    /// `nil` when only keywords count.
    package var embedding: Embedding?
}
