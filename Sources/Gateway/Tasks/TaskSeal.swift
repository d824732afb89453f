import Crypto

/// Makes the ids of tasks that clients get, and opens them: nothing has to be remembered of a task for finding it again.
///
/// An id carries backend and backend's id, sealed for one caller: another caller, or whoever makes one up, has an id of no
/// task. Ids are good for as long as the key is, in every instance that has it.
///
/// AES-256-GCM with a nonce made of caller and contents by HMAC-SHA-256 under a key of its own, so that a task has one id;
/// base64 with the URL alphabet.
struct TaskSeal: Sendable {
    private static let purpose = Array("vmcp task id 1".utf8)
    private static let nonceBytes = 12

    private let key, nonceKey: SymmetricKey

    init(_ key: StateKey) {
        func derive(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key.key, info: Array(purpose.utf8), outputByteCount: 32)
        }
        (self.key, nonceKey) = (derive("vmcp task id 1"), derive("vmcp task id nonce 1"))
    }

    /// The id by which a caller knows a task; the same each time.
    func id(of task: TaskReference, for principal: Principal) -> String {
        let (contents, caller) = (task.bytes, Self.caller(principal))
        do {
            let nonce = HMAC<SHA256>.authenticationCode(for: caller + contents, using: nonceKey)
            let box = try AES.GCM.seal(
                contents, using: key, nonce: AES.GCM.Nonce(data: Array(nonce).prefix(Self.nonceBytes)),
                authenticating: caller)
            return String(
                decoding: Base64.url.encode(Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)), as: UTF8.self)
        } catch {
            // Key and nonce have the lengths they must have: there is nothing that could be refused. This is no task's id.
            return ""
        }
    }

    /// - Parameter id: What a client sent.
    /// - Returns: `nil` for what is no id of a task of this caller.
    func task(_ id: String, of principal: Principal) -> TaskReference? {
        guard let bytes = Base64.url.decode(id.utf8) else { return nil }
        do {
            let box = try AES.GCM.SealedBox(combined: bytes)
            let contents = try AES.GCM.open(box, using: key, authenticating: Self.caller(principal))
            return TaskReference(Array(contents))
        } catch {
            return nil  // Whatever is wrong with it, it is no task of this caller.
        }
    }

    /// Both parts with the length of the first, so that no two callers give the same bytes.
    private static func caller(_ principal: Principal) -> [UInt8] {
        let issuer = Array(principal.issuer.utf8)
        return purpose + withUnsafeBytes(of: UInt64(issuer.count).bigEndian) { Array($0) } + issuer
            + Array(principal.subject.utf8)
    }
}
