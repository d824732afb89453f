import MCPServerCore
import PluginKit
import Testing

@Suite("Images and their programs")
struct ImageReferenceTests {
    @Test(
        "References are read",
        arguments: [
            ("uvx://mcp-server-time", .python(package: "mcp-server-time")),
            ("uvx://mcp-server-time@2025.1.1", .python(package: "mcp-server-time@2025.1.1")),
            ("npx://@scope/server@1.0.0", .node(package: "@scope/server@1.0.0")),
            ("exec:/opt/server", .program("/opt/server")), ("exec:server", .program("server")),
            ("exec:./bin/server", .program("./bin/server")),
        ] as [(String, ImageReference)])
    func read(text: String, image: ImageReference) throws {
        #expect(try ImageReference(text) == image)
    }

    @Test(
        "References that cannot be started are refused",
        arguments: ["uvx://", "uvx://--from", "npx://a b", "exec:", "uvx://x@"])
    func refused(text: String) {
        let error = #expect(throws: PluginError.self) { try ImageReference(text) }
        #expect(error?.status == .invalid)
    }

    @Test("Anything else is a container image", arguments: ["ghcr.io/x/y:1", "x", "localhost:5000/x@sha256:00"])
    func container(text: String) throws { #expect(try ImageReference(text) == .container(text)) }

    @Test(
        "What would be another path of the engine is refused",
        arguments: ["docker://x", "", "../x", "/x", "a b", "a?b"])
    func noImage(text: String) {
        let error = #expect(throws: PluginError.self) { try ImageReference(text) }
        #expect(error?.status == .invalid && error?.message.contains("uvx://") == true)
    }

    private func search(_ files: Set<String>, _ environment: [String: String] = ["PATH": "/a:/b"]) -> ProgramSearch {
        ProgramSearch(environment: { environment[$0] }, isExecutable: { files.contains($0) })
    }

    @Test(
        "Programs are found",
        arguments: [
            ("exec:server", "/b/server"), ("exec:/opt/server", "/opt/server"), ("exec:bin/server", "/base/bin/server"),
            ("uvx://x", "/b/uvx"),
        ])
    func found(image: String, path: String) throws {
        let search = search(["/b/server", "/opt/server", "/base/bin/server", "/b/uvx"])
        let image = try ImageReference(image)
        #expect(try search.program(of: image, path: nil, baseDirectory: "/base") == path)
    }

    @Test("The PATH of the resource and the variable of the runner come first")
    func precedence() throws {
        let search = search(["/c/uvx", "/b/uvx", "/own/uvx"], ["PATH": "/b", "VMCP_UVX": "/own/uvx"])
        #expect(try search.program(of: .python(package: "x"), path: "/c", baseDirectory: "") == "/own/uvx")
        let plain = self.search(["/c/uvx", "/b/uvx"], ["PATH": "/b"])
        #expect(try plain.program(of: .python(package: "x"), path: "/c", baseDirectory: "") == "/c/uvx")
    }

    @Test(
        "A missing program says where it was looked for and how to get it",
        arguments: [
            ("uvx://x", "docs.astral.sh/uv"), ("npx://x", "nodejs.org"), ("exec:server", "'server' is not on PATH"),
            ("exec:bin/server", "/base/bin/server"),
        ])
    func missing(image: String, advice: String) throws {
        let image = try ImageReference(image)
        let error = #expect(throws: PluginError.self) {
            try search([]).program(of: image, path: nil, baseDirectory: "/base")
        }
        #expect(error?.status == .unavailable && error?.message.contains(advice) == true)
    }

    @Test("A folder and a file without the right to execute are no programs")
    func system() throws {
        #expect(ProgramSearch.system.isExecutable("/bin/sh"))
        #expect(!ProgramSearch.system.isExecutable("/"))
        #expect(!ProgramSearch.system.isExecutable("/etc/passwd"))
    }
}
