import Testing

// An embedding server that the gateway runs in a container, as an EmbeddingServer describes it.
extension EndToEnd.ContainerTests {
    @Test(
        "The gateway runs the EmbeddingServer it refers to, finds tools by its vectors, and removes it",
        .timeLimit(.minutes(2)))
    func embeddingServer() async throws {
        var resources = Resources(config: "optimizer: {}\n", spec: "embeddingServerRef: {name: vectors}")
        try resources.addRaw("process")
        resources.addPlain(
            "EmbeddingServer", "vectors", apiVersion: "toolhive.stacklok.dev/v1beta1",
            "spec: {image: \"\(TestEngine.image ?? "")\", model: letters, args: [tei], modelCache: {enabled: false}}")
        try await RunningGateway.serve(resources) { gateway in
            try await eventually("all tools have vectors") {
                let embedding = try await gateway.get("/status").json["optimizer"]?["embedding"]
                return embedding?["state"]?.string == "ready" && (embedding?["embedded"]?.number ?? 0) > 0
            }
            #expect(try await TestEngine.containers().count == 1)
            let client = try await gateway.client()
            let found = try await client.call("find_tool", #"{"tool_description":"echo a text"}"#)
            #expect(found.text.contains("process_echo"), "\(found.text)")
        }
        #expect(try await TestEngine.containers().isEmpty)
    }
}
