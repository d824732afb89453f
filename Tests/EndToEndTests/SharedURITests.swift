import Testing

extension EndToEnd {
    /// Two servers that know nothing of each other and list the same resource and the same template.
    @Suite("URIs that several backends list")
    struct SharedURITests {
        @Test(
            "Each resource of two servers is listed, read, linked and completed under a URI of its own",
            .timeLimit(.minutes(2)), arguments: Places.SDK.allCases)
        func both(sdk: Places.SDK) async throws {
            var resources = Resources()
            try resources.addSDK(.second, "alpha", more: ["--scheme", "shared"])
            try resources.addSDK(.first, "beta", more: ["--scheme", "shared"])
            try await RunningGateway.serve(resources) { gateway in
                let report = try await SDKClient.run(
                    sdk, gateway.url,
                    [
                        ["resources"], ["templates"],
                        ["read", "shared://info"], ["read", "vmcp.beta+shared://info"], ["read", "shared://note/7"],
                        ["read", "vmcp.beta+shared://note/7"], ["call", "alpha_links", [:]],
                        ["call", "beta_links", [:]],
                        ["complete", "ref/resource", "vmcp.beta+shared://note/{number}", "number", "1"],
                    ])
                let results = report.results
                #expect(
                    results[0].array.compactMap { $0["uri"]?.string } == ["shared://info", "vmcp.beta+shared://info"])
                #expect(
                    results[1].array.compactMap { $0["uriTemplate"]?.string } == [
                        "shared://note/{number}", "vmcp.beta+shared://note/{number}",
                    ])
                for (index, uri, text) in [
                    (2, "shared://info", "This is alpha."), (3, "vmcp.beta+shared://info", "This is beta."),
                    (4, "shared://note/7", "Note 7 of alpha."), (5, "vmcp.beta+shared://note/7", "Note 7 of beta."),
                ] {
                    #expect(results[index]["contents"]?[0]?["text"]?.string == text)
                    #expect(results[index]["contents"]?[0]?["uri"]?.string == uri)
                }
                for (index, prefix) in [(6, ""), (7, "vmcp.beta+")] {
                    let content = results[index]["content"]
                    #expect(content?[0]?["uri"]?.string == prefix + "shared://info")
                    #expect(content?[1]?["resource"]?["uri"]?.string == prefix + "shared://note/7")
                }
                #expect(results[8]["completion"]?["values"] == ["1", "10"])
            }
        }
    }
}
