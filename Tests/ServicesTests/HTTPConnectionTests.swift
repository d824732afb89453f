import Glibc
import HostServices
import Testing

@Suite("HTTP connections")
struct HTTPConnectionTests {
    /// Makes a certificate authority with a certificate for 127.0.0.1, by the openssl command.
    private func makeCertificate(_ folder: TemporaryFolder) async throws {
        var spec = ProcessSpec([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out",
            "cert.pem",
        ])
        spec.directory = folder.path
        let end = try await RunningProcess(spec).end()
        #expect(end == .init(code: 0, signal: 0))
    }

    private func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    @Test("A private authority is trusted for the requests that name it, and for no others")
    func privateAuthority() async throws {
        let folder = TemporaryFolder()
        try await makeCertificate(folder)
        let server = try await FixtureServer("--cert", folder.path + "/cert.pem", "--key", folder.path + "/key.pem")
        var request = HTTPRequest("POST", "https://127.0.0.1:\(server.port)/hello", body: [1])
        request.policy = NetworkPolicy(allowPrivate: true)
        for _ in 0..<2 {
            request.caBundle = []
            let outcome = try #require(await exchange(request).outcome)
            #expect(outcome.status == .unavailable)
            #expect(outcome.message.contains("not trusted"))
            #expect(outcome.notSent)
            request.caBundle = try read(folder.path + "/cert.pem")
            #expect(await exchange(request).text == "hello")
        }
    }

    @Test("A CA bundle without a certificate is invalid")
    func badBundle() async throws {
        var request = HTTPRequest("GET", "https://127.0.0.1:1/")
        request.caBundle = Array("nothing".utf8)
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .invalid)
        #expect(outcome.message.contains("BEGIN CERTIFICATE"))
    }

    @Test("A unix socket is connected to instead of the host")
    func unixSocket() async throws {
        let folder = TemporaryFolder()
        let server = try await FixtureServer("--unix", folder.path + "/socket")
        #expect(server.port == 0)
        var request = HTTPRequest("GET", "http://engine/hello")
        request.unixSocket = folder.path + "/socket"
        #expect(await exchange(request).text == "hello")
        request.unixSocket = folder.path + "/none"
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .unavailable)
        #expect(outcome.notSent)
    }

    @Test("Loopback is refused unless allowed, even over a connection made by somebody allowed")
    func policy() async throws {
        let server = try await FixtureServer()
        var request = server.request("GET", "/hello")
        for url in [request.url, request.url.replacing("127.0.0.1", with: "localhost")] {
            request.url = url
            request.policy = NetworkPolicy(allowPrivate: true)
            #expect(await exchange(request).status == 200)
            request.policy = NetworkPolicy(allowPrivate: false)
            let outcome = try #require(await exchange(request).outcome)
            #expect(outcome.status == .invalid)
            #expect(outcome.notSent)
            #expect(outcome.message.contains("is loopback"))
        }
        #expect(await server.stats().contains("\"/hello\": 2"))
    }

    @Test(
        "Metadata services and addresses of no host are refused whatever is allowed",
        arguments: [
            "169.254.169.254", "0.0.0.0", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
        ])
    func never(host: String) async throws {
        var request = HTTPRequest("GET", "http://\(host):9/")
        request.policy = NetworkPolicy(allowPrivate: true)
        request.connectTimeout = 2_000
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .invalid)
        #expect(outcome.message.contains("never connected to"))
    }

    @Test("A proxy of the environment is used, but not for loopback")
    func proxy() async throws {
        let proxy = try await FixtureServer()
        let server = try await Shared.server
        let engine = try HTTPEngine(environment: ["http_proxy": proxy.origin, "no_proxy": "direct.invalid"])
        let hello = server.request("GET", "/hello")
        #expect(await exchange(hello, engine).text == "hello")
        #expect(await exchange(HTTPRequest("GET", "http://elsewhere.invalid/hello"), engine).text == "hello")
        #expect(
            await exchange(HTTPRequest("GET", "http://direct.invalid/hello"), engine).outcome?.status == .unavailable)
        // The proxy would connect there for us.
        let metadata = try #require(await exchange(HTTPRequest("GET", "http://169.254.169.254/"), engine).outcome)
        #expect(metadata.status == .invalid)
        await engine.shutDown()
    }

    @Test("An exchange over a connection that was used before can be paused, and goes on")
    func pausedAgain() async throws {
        let server = try await FixtureServer()
        let engine = try HTTPEngine(threads: 1, environment: [:])
        for _ in 0..<2 { #expect(await exchange(server.request("GET", "/hello"), engine).status == 200) }
        let size = 8 * 1_048_576
        let sink = RecordingSink(keepsBody: false) { $0 == 1 || $0 == 100 ? .pause : .go }
        let number = engine.nextExchange()
        var request = server.request("GET", "/big?bytes=\(size)")
        request.idleTimeout = 5_000
        engine.start(number, request, sink: sink)
        for pieces in [1, 100] {
            await sink.received(pieces: pieces)
            // More of it has come by then, which nobody asked for.
            _ = await exchange(server.request("GET", "/hello"), engine)
            #expect(sink.pieces == pieces)
            engine.resume(number)
        }
        #expect(await sink.reply().outcome?.status == .ok)
        #expect(sink.total == size)
        await engine.shutDown()
    }

    @Test("1,000 exchanges in a row and 200 at a time leave no descriptor")
    func descriptors() async throws {
        let server = try await FixtureServer()
        let engine = try HTTPEngine(threads: 2, environment: [:])
        for number in 0..<1_000 {
            let reply = await exchange(server.request("POST", "/hello", body: "{\"n\":\(number)}"), engine)
            #expect(reply.status == 200)
        }
        #expect(await server.stats().contains("\"/hello\": 1000"))
        let statuses = await withTaskGroup(of: UInt32.self) { group in
            for _ in 0..<200 { group.addTask { await exchange(server.request("GET", "/hello"), engine).status } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count == 200)
        #expect(statuses.allSatisfy { $0 == 200 })
        #expect(Descriptors.connections(to: server.port) > 0)
        await engine.shutDown()
        // The shared engine asked for the statistics over one connection of its own.
        #expect(Descriptors.connections(to: server.port) <= 1)
    }
}

/// The descriptors of this process.
enum Descriptors {
    /// How many there are.
    static var count: Int { (0..<4_096).count { fcntl(Int32($0), F_GETFD) >= 0 } }

    /// Sockets that are connected to a port of loopback.
    static func connections(to port: Int) -> Int {
        (0..<4_096).count { descriptor in
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(Int32(descriptor), $0, &length)
                }
            }
            return result == 0 && address.sin_family == sa_family_t(AF_INET)
                && Int(UInt16(bigEndian: address.sin_port)) == port
        }
    }
}
