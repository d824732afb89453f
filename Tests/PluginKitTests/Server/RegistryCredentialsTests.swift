import MCPServerCore
import PluginKit
import Testing

@Suite("Credentials of registries")
struct RegistryCredentialsTests {
    private func header(
        _ image: String, _ files: [String: String], _ environment: [String: String] = ["HOME": "/home/me"]
    ) throws -> JSONValue? {
        let credentials = RegistryCredentials(
            environment: { environment[$0] }, read: { files[$0].map { Array($0.utf8) } })
        guard let text = credentials.header(for: image) else { return nil }
        #expect(!text.contains("+") && !text.contains("/"), "the URL's alphabet")
        return try JSONValue(json: try #require(Base64Text.decode(text)))
    }

    private static let login =
        #"{"auths":{"127.0.0.1:5000":{"auth":"dXNlcjpwOmE/cz4="},"https://index.docker.io/v1/":{"auth":"YTpi"},"token.example":{"auth":"","identitytoken":"t"}}}"#

    @Test("What docker login wrote down is sent for its registry, and for no other")
    func docker() throws {
        let files = ["/home/me/.docker/config.json": Self.login]
        let found = try header("127.0.0.1:5000/team/server:1", files)
        #expect(found == ["username": "user", "password": "p:a?s>", "serveraddress": "127.0.0.1:5000"])
        #expect(try header("name", files)?["username"] == "a", "an image without a host is one of docker's own")
        #expect(try header("team/name:1", files)?["username"] == "a")
        #expect(try header("token.example/x", files)?["identitytoken"] == "t")
        #expect(try header("127.0.0.1:5001/team/server:1", files) == nil)
    }

    @Test("DOCKER_CONFIG comes first, what podman login wrote down after it; what cannot be read is left out")
    func places() throws {
        let environment = ["HOME": "/h", "DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/r", "XDG_RUNTIME_DIR": "/run"]
        let image = "127.0.0.1:5000/x"
        for place in ["/d/config.json", "/r", "/run/containers/auth.json", "/h/.config/containers/auth.json"] {
            #expect(try header(image, [place: Self.login], environment)?["username"] == "user", "\(place)")
        }
        #expect(try header(image, ["/h/.docker/config.json": Self.login], environment) == nil)
        #expect(try header(image, ["/d/config.json": "no JSON", "/r": Self.login], environment)?["username"] == "user")
        #expect(try header(image, ["/r": #"{"auths":{"127.0.0.1:5000":{"auth":"!"}}}"#], environment) == nil)
    }

    @Test("An engine of another machine is refused where TLS is asked for")
    func remote() {
        func objection(_ environment: [String: String]) -> String? {
            EngineAddress.objection { environment[$0] }
        }
        #expect(objection(["DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1"])?.contains("without TLS") == true)
        #expect(objection(["DOCKER_HOST": "tcp://h:2375", "DOCKER_TLS_VERIFY": ""]) == nil)
        #expect(objection(["DOCKER_HOST": "unix:///x", "DOCKER_TLS_VERIFY": "1"]) == nil)
    }

    @Test("The log takes some lines of each second, and tells how many it left out")
    func allowance() {
        var allowance = LineAllowance()
        let most = LineAllowance.most
        #expect((0..<most + 50).count { _ in allowance.pass(now: 5_000).isWritten } == most)
        #expect(allowance.pass(now: 5_999) == (false, 0))
        #expect(allowance.pass(now: 6_000) == (true, 51))
        #expect(allowance.pass(now: 9_000) == (true, 0))
    }
}
