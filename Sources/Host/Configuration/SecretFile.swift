import Foundation

/// A file that holds one secret and nothing else, as container engines and Kubernetes mount them.
package enum SecretFile {
    /// Most bytes; the limit of a Secret in Kubernetes.
    package static let maximumSize = 1_048_576

    /// Why a file holds no secret. Names no content.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads the secret; a line end behind it is no part of it.
    package static func read(_ path: String) throws(Unusable) -> SecretValue {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw Unusable(description: isThere ? "cannot be read" : "is not there")
        }
        guard bytes.count <= maximumSize else {
            throw Unusable(description: "has \(bytes.count) bytes, \(maximumSize) are the most")
        }
        var end = bytes.count
        while end > 0, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        guard end > 0 else { throw Unusable(description: "is empty") }
        return SecretValue(Array(bytes[..<end]), file: path)
    }
}
