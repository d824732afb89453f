/// Which addresses an instance may connect to. Checked on the address that a name led to, at connect time.
package struct NetworkPolicy: Sendable, Equatable {
    /// Whether private, link-local and unique local addresses are allowed. Metadata services of clouds, and addresses
    /// that name no host, never are.
    package var allowPrivate: Bool
    /// Whether loopback addresses are allowed.
    package var allowLoopback: Bool

    /// - Parameter allowLoopback: Default: as `allowPrivate`.
    package init(allowPrivate: Bool, allowLoopback: Bool? = nil) {
        self.allowPrivate = allowPrivate
        self.allowLoopback = allowLoopback ?? allowPrivate
    }

    /// Why an address is refused, as the rest of a sentence; nil when it is allowed.
    func objection(to address: IPAddress) -> String? {
        if NetworkPolicy.never.contains(where: { address.isWithin($0.prefix, $0.length) }) {
            return "is never connected to: it is a metadata service or names no host"
        }
        if !allowLoopback, NetworkPolicy.loopback.contains(where: { address.isWithin($0.prefix, $0.length) }) {
            return "is loopback, which is not allowed here; --allow-private-backends allows it"
        }
        if !allowPrivate, NetworkPolicy.nearby.contains(where: { address.isWithin($0.prefix, $0.length) }) {
            return "is private, which is not allowed here; --allow-private-backends allows it"
        }
        return nil
    }

    private struct Block {
        let prefix: [UInt8]
        let length: Int

        init(_ text: String, _ length: Int) {
            // The texts are the constants below.
            prefix = IPAddress(text)?.bytes ?? []
            self.length = length
        }
    }

    /// Metadata services (the last four are those of AWS, Alibaba, Oracle and Google), and RFC 6890 addresses that no
    /// host has.
    private static let never = [
        Block("0.0.0.0", 8), Block("224.0.0.0", 4), Block("240.0.0.0", 4), Block("::", 128), Block("ff00::", 8),
        Block("169.254.0.0", 16), Block("fd00:ec2::254", 128), Block("100.100.100.200", 32), Block("192.0.0.192", 32),
        Block("fd20:ce::254", 128),
    ]

    private static let loopback = [Block("127.0.0.0", 8), Block("::1", 128)]

    /// RFC 1918, RFC 6598, link-local, unique local, benchmarking.
    private static let nearby = [
        Block("10.0.0.0", 8), Block("172.16.0.0", 12), Block("192.168.0.0", 16),
        Block("100.64.0.0", 10), Block("192.0.0.0", 24), Block("198.18.0.0", 15),
        Block("fe80::", 10), Block("fec0::", 10), Block("fc00::", 7),
    ]
}
