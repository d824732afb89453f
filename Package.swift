// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A plugin is a static target with its logic, which tests can link, and a dynamic library that holds only the entry
/// symbol: two entry symbols in one test bundle would collide.
func plugin(_ name: String, dependencies: [Target.Dependency] = []) -> [Target] {
    [
        .target(
            name: "\(name)Core", dependencies: ["PluginAPI", "PluginKit"] + dependencies, path: "Plugins/\(name)/Core",
            swiftSettings: swiftSettings),
        .target(
            name: name, dependencies: [.target(name: "\(name)Core"), "PluginAPI", "PluginKit"],
            path: "Plugins/\(name)/Entry", swiftSettings: swiftSettings),
    ]
}

let package = Package(
    name: "vmcp",
    products: [
        .executable(name: "vmcp", targets: ["vmcp"]),
        .executable(name: "vmcp-supervisor", targets: ["vmcp-supervisor"]),
        .executable(name: "vmcp-library", targets: ["vmcp-library"]),
        .library(name: "PluginKit", targets: ["PluginKit", "PluginAPI"]),
        .library(name: "MCPServer", type: .dynamic, targets: ["MCPServer"]),
        .library(name: "MCPRemoteProxy", type: .dynamic, targets: ["MCPRemoteProxy"]),
        .library(name: "LocalEmbedding", type: .dynamic, targets: ["LocalEmbedding"]),
        .library(name: "RemoteEmbedding", type: .dynamic, targets: ["RemoteEmbedding"]),
        .library(name: "EmbeddingServer", type: .dynamic, targets: ["EmbeddingServer"]),
        .library(name: "OutgoingAuth", type: .dynamic, targets: ["OutgoingAuth"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The plugin ABI and its Swift face. Neither depends on anything but the C and Swift standard libraries.
        .target(name: "PluginAPI"),
        .target(name: "PluginKit", dependencies: ["PluginAPI"], swiftSettings: swiftSettings),

        // Conditions over claims: plugins evaluate them, the configuration checks them.
        .target(name: "ClaimExpressions", dependencies: ["PluginKit"], swiftSettings: swiftSettings),

        // C that Swift cannot import: variadic functions, macros, GNU extensions.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CPosix"),
        .target(name: "COnnxRuntime"),
        .target(name: "CFFI", linkerSettings: [.linkedLibrary("ffi")]),

        // The domain: values in, values out.
        .target(
            name: "Gateway", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swiftSettings),

        // Everything that touches the world, a room each, and the assembly that composes them.
        .target(
            name: "HostConfiguration",
            dependencies: ["ClaimExpressions", "Gateway", "PluginKit", .product(name: "Yams", package: "Yams")],
            path: "Sources/Host/Configuration", swiftSettings: swiftSettings),
        .target(
            name: "HostServices",
            dependencies: ["PluginAPI", "CCurl", "CPosix", "Gateway", .product(name: "Logging", package: "swift-log")],
            path: "Sources/Host/Services", swiftSettings: swiftSettings),
        .target(
            name: "HostPlugins",
            dependencies: [
                "PluginAPI", "CPosix", "Gateway", "HostServices", .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Host/Plugins", swiftSettings: swiftSettings),
        .target(
            name: "HostDescribed",
            dependencies: [
                "PluginAPI", "PluginKit", "CPosix", "CFFI", .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Host/Described", swiftSettings: swiftSettings),
        .target(
            name: "HostHTTP",
            dependencies: [
                "CPosix", "Gateway", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Host/HTTP", swiftSettings: swiftSettings),
        .target(
            name: "HostAuthentication",
            dependencies: [
                "Gateway", "HostServices", .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            path: "Sources/Host/Authentication", swiftSettings: swiftSettings),
        .target(
            name: "HostOptimizer",
            dependencies: [
                "Gateway", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Host/Optimizer", swiftSettings: swiftSettings),
        .target(
            name: "Host",
            dependencies: [
                "Gateway", "HostConfiguration", "HostServices", "HostPlugins", "HostDescribed", "HostAuthentication",
                "HostHTTP", "HostOptimizer", "PluginAPI",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Host/Assembly", swiftSettings: swiftSettings),

        .executableTarget(
            name: "vmcp",
            dependencies: [
                "CPosix", "Gateway", "Host", "HostConfiguration", "HostPlugins",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(name: "vmcp-supervisor", dependencies: ["CPosix"]),
        .executableTarget(name: "vmcp-library", dependencies: ["HostDescribed"], swiftSettings: swiftSettings),
        // `make bench-retrieval`.
        .executableTarget(
            name: "bench-retrieval",
            dependencies: [
                "Gateway", "Host", "HostConfiguration", "HostOptimizer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Retrieval", exclude: ["run.sh"], swiftSettings: swiftSettings),

        // What the two HTTP backend kinds share: streamable HTTP and HTTP+SSE as a client.
        .target(
            name: "StreamableHTTP", dependencies: ["PluginAPI", "PluginKit"], swiftSettings: swiftSettings),

        .testTarget(name: "GatewayTests", dependencies: ["Gateway"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["HostConfiguration", "Gateway"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                "HostServices", "PluginAPI", "vmcp-supervisor", .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "PluginHostTests", dependencies: ["HostPlugins", "HostServices", "Gateway", "PluginAPI"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "DescribedTests",
            dependencies: ["HostDescribed", "PluginAPI", "PluginKit", "vmcp-library", "vmcp-supervisor"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "AuthenticationTests",
            dependencies: [
                "HostAuthentication", "HostServices", "Gateway", .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "OptimizerTests",
            dependencies: ["HostOptimizer", "Gateway", .product(name: "Logging", package: "swift-log")],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "PluginKitTests",
            dependencies: [
                "PluginKit", "PluginAPI", "ClaimExpressions", "StreamableHTTP", "MCPServerCore", "MCPRemoteProxyCore",
                "OutgoingAuthCore",
                "LocalEmbeddingCore", "RemoteEmbeddingCore", .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "HostHTTP", "Gateway", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "AssemblyTests",
            dependencies: [
                "Host", "HostConfiguration", "HostHTTP", "HostPlugins", "HostServices", "Gateway",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            // The plugin libraries are products of the package and built with it; linked here, their entry symbols collide.
            name: "EndToEndTests", dependencies: ["vmcp", "vmcp-supervisor", "vmcp-library"],
            exclude: ["Fixtures"], swiftSettings: swiftSettings),
    ]
        + plugin("MCPServer", dependencies: ["StreamableHTTP"])
        + plugin("MCPRemoteProxy", dependencies: ["StreamableHTTP"])
        + plugin("RemoteEmbedding")
        + plugin("EmbeddingServer", dependencies: ["MCPServerCore", "RemoteEmbeddingCore"])
        + plugin(
            "LocalEmbedding",
            dependencies: ["COnnxRuntime", "CPosix", .product(name: "Crypto", package: "swift-crypto")])
        // Signatures of AWS.
        + plugin("OutgoingAuth", dependencies: ["ClaimExpressions", .product(name: "Crypto", package: "swift-crypto")])
)
