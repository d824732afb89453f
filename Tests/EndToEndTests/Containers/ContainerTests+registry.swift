import Foundation
import Testing

// Images that the engine does not have are fetched from a registry that asks for a name and a password.
extension EndToEnd.ContainerTests {
    /// Writes down name and password as `docker login` does.
    static func logIn(_ folder: URL) throws {
        try Data((TestEngine.registryLogin ?? "").utf8).write(to: folder.appending(path: "config.json"))
    }

    /// Has the engine forget the image, so that it must be fetched.
    private static func forget(_ image: String) async throws {
        try await TestEngine.ask("DELETE", "/images/\(image)")
    }

    @Test(
        "Images are fetched with credentials, by tag and by digest; without, or when there is none, the status says why",
        .enabled(if: TestEngine.registryImage != nil, "no registry"), .timeLimit(.minutes(3)))
    func pulls() async throws {
        let image = try #require(TestEngine.registryImage)
        let digest = try #require(TestEngine.registryDigest)
        let name = String(image.prefix(upTo: try #require(image.lastIndex(of: ":"))))
        let other = "sha256:" + String(repeating: "0", count: 64)
        try await Self.forget(image)
        try await withTemporaryFolder { folder in
            var resources = Resources()
            TestEngine.add("tagged", "ok", to: &resources, image: image)
            try await RunningGateway.serve(resources, environment: ["DOCKER_CONFIG": folder.path]) { gateway in
                try await eventually("the refusal is told") {
                    let text = try await gateway.status(of: "tagged").text
                    return text.contains("could not be fetched")
                        && (text.contains("unauthorized") || text.contains("no basic auth credentials"))
                }
            }
            try Self.logIn(folder)
            resources = Resources()
            TestEngine.add("tagged", "ok", to: &resources, image: image)
            TestEngine.add("pinned", "ok", to: &resources, image: "\(name)@\(digest)")
            TestEngine.add("other", "ok", to: &resources, image: "\(name)@\(other)")
            TestEngine.add("unknown", "ok", to: &resources, image: "\(name):none")
            try await RunningGateway.serve(resources, environment: ["DOCKER_CONFIG": folder.path]) { gateway in
                for backend in ["tagged", "pinned"] { _ = try await gateway.await(backend, health: "healthy") }
                let client = try await gateway.client()
                for backend in ["tagged", "pinned"] {
                    #expect(try await client.call("\(backend)_inspect")["isError"] != true)
                }
                for backend in ["other", "unknown"] {
                    try await eventually("the status of \(backend) says why") {
                        try await gateway.status(of: backend).text.contains("could not be fetched")
                    }
                }
                let fetched = try await gateway.process.errors.line { $0.contains("the image is here") }
                #expect(fetched.contains("layers"), "\(fetched)")
            }
        }
    }

    @Test(
        "vmcp run adds a container to a group that is served, its image is fetched, and vmcp rm removes it",
        .enabled(if: TestEngine.registryImage != nil, "no registry"), .timeLimit(.minutes(2)))
    func group() async throws {
        let image = try #require(TestEngine.registryImage)
        try await Self.forget(image)
        try await withTemporaryFolder { folder in
            try Self.logIn(folder)
            let user = EndToEnd.GroupTests.User(folder: folder.appending(path: "groups"))
            try await user.does("group", "create", "tools")
            let environment = user.environment.merging(["DOCKER_CONFIG": folder.path]) { $1 }
            try await RunningGateway.serve(group: "tools", environment: environment) { gateway in
                let added = try await user.does(
                    "run", image, "--group", "tools", "--permission-profile", "none", "--volume",
                    "\(folder.path):/volume",
                    "--plugins", Places.plugins.path)
                #expect(added.contains("server is healthy with 2 tools"), "\(added)")
                let report = try await SDKClient.run(.second, gateway.url, [["call", "server_inspect", [:]]])
                #expect(report.results[0].text.contains("volume=1 network=0"), "\(report.results[0].text)")
                #expect(try await TestEngine.containers().count == 1)
                try await user.does("rm", "server")
                try await eventually("its container is gone") { try await TestEngine.containers().isEmpty }
            }
        }
    }
}
