import Crypto

/// Makes and opens the `requestState` of input-required results, which travels through clients and is theirs to change
/// (2026-07-28, Multi round-trip requests: protect its integrity, bind it to the caller, the request and a time).
///
/// AES-256-GCM under a key derived from the configured one, a random nonce each; base64 with the URL alphabet.
struct StateSeal: Sendable {
    /// Why a state is refused: texts for the client, which say what to do and nothing of what is inside.
    enum Refusal: String, Error, CaseIterable {
        case unknown = "\"requestState\" is none that this gateway issued, or was changed"
        case foreign = "\"requestState\" was issued to another caller"
        case otherMethod = "\"requestState\" was issued for another method"
        case otherParams = "\"requestState\" was issued for other params: a retry repeats those of its request"
        case expired = "\"requestState\" has expired: send the request again without it"
    }

    /// Tells what is sealed from everything else that might be sealed with the configured key.
    private static let purpose = Array("vmcp requestState 1".utf8)

    private let key: SymmetricKey
    /// Milliseconds since 1970.
    let time: @Sendable () -> UInt64

    init(_ key: StateKey, time: @escaping @Sendable () -> UInt64) {
        self.key = HKDF<SHA256>.deriveKey(inputKeyMaterial: key.key, info: Self.purpose, outputByteCount: 32)
        self.time = time
    }

    /// The text for the client, as a raw JSON string.
    func seal(_ state: SealedState) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(state.bytes, using: key, authenticating: Self.purpose)
            let quote = [UInt8(ascii: "\"")]
            return quote + Base64.url.encode(Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)) + quote
        } catch {
            // The key has 32 bytes and the nonce is the library's: there is nothing that could be refused. An empty
            // state is one that cannot be opened.
            return Array("\"\"".utf8)
        }
    }

    /// - Parameter text: `requestState` of a retry.
    func open(_ text: String, for binding: SealedState.Binding) throws(Refusal) -> SealedState {
        guard let state = Base64.url.decode(text.utf8).flatMap(unseal).flatMap({ SealedState($0) }) else {
            throw .unknown
        }
        guard state.binding.principal == binding.principal else { throw .foreign }
        guard state.binding.method == binding.method else { throw .otherMethod }
        guard state.binding.params == binding.params else { throw .otherParams }
        guard time() < state.expiry else { throw .expired }
        return state
    }

    private func unseal(_ bytes: [UInt8]) -> [UInt8]? {
        do {
            let box = try AES.GCM.SealedBox(combined: bytes)
            return Array(try AES.GCM.open(box, using: key, authenticating: Self.purpose))
        } catch {
            return nil  // Whatever is wrong with it, it is not ours.
        }
    }
}
