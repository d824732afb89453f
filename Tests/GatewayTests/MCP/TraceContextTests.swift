import Testing

@testable import Gateway

@Suite("Traces in _meta")
struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"

    /// What travels on of a `_meta`, to a backend of either generation.
    private func passed(_ meta: String) throws -> [String] {
        let params = try JSONSlice(validating: Array(#"{"_meta":\#(meta),"name":"x"}"#.utf8))
        var splice = JSONSplice()
        RequestMeta.adapt(params, progressToken: Array("5".utf8), into: &splice)
        var modern = JSONSplice()
        ModernRequest(GatewayIdentity(name: "test", version: "0"), server: nil).adapt(
            params, origin: .gateway, progressToken: Array("5".utf8), into: &modern)
        let texts = [splice, modern].map { String(decoding: $0.apply(to: params), as: UTF8.self) }
        return texts
    }

    static let good: [(String, String)] = [
        ("traceparent", "00-\(trace)-\(parent)-01"), ("traceparent", "00-\(trace)-\(parent)-00"),
        ("traceparent", "01-\(trace)-\(parent)-01"), ("traceparent", "01-\(trace)-\(parent)-01-more"),
        ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"), ("tracestate", "a=1, ,b=2"),
        ("baggage", "user=al%20ice;secret=no,more = 5"), ("tracer", "anything"),
    ]

    @Test("What keeps to its syntax travels on", arguments: good)
    func travels(key: String, value: String) throws {
        for text in try passed(#"{"progressToken":1,"\#(key)":"\#(value)","other":1.0}"#) {
            #expect(text.contains(#""\#(key)":"\#(value)""#) && text.contains(#""other":1.0"#), "\(text)")
            #expect(text.contains(#""progressToken":5"#), "\(text)")
        }
    }

    static let bad: [(String, String)] = [
        ("traceparent", #""""#), ("traceparent", #""00-\#(trace)-\#(parent)""#), ("traceparent", "7"),
        ("traceparent", "null"), ("traceparent", #""00-\#(trace.uppercased())-\#(parent)-01""#),
        ("traceparent", #""ff-\#(trace)-\#(parent)-01""#), ("traceparent", #""00-\#(trace)-\#(parent)-01-more""#),
        ("traceparent", #""01-\#(trace)-\#(parent)-01more""#), ("traceparent", #""00-\#(trace)-0000000000000000-01""#),
        ("traceparent", #""00-00000000000000000000000000000000-\#(parent)-01""#),
        ("traceparent", #""00_\#(trace)_\#(parent)_01""#), ("tracestate", #""""#), ("tracestate", #""rojo""#),
        ("tracestate", #""=1""#), ("tracestate", #""é=1""#), ("tracestate", #""a=1\r\nX: y""#), ("baggage", "[]"),
        ("baggage", #""a=1,b""#),
    ]

    @Test("What does not is left out, and nothing else", arguments: bad)
    func isLeftOut(key: String, value: String) throws {
        for text in try passed(#"{"progressToken":1,"\#(key)":\#(value),"other":1.0}"#) {
            #expect(!text.contains(key), "\(text)")
            #expect(text.contains(#""other":1.0"#) && text.contains(#""progressToken":5"#), "\(text)")
        }
    }
}
