// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that whoever builds the gateway needs not fetch what only these benchmarks use. `Sources` is a
// link to the gateway's sources: what is measured has `package` access, which ends at the border of a package, so the
// modules are compiled in this one as they are there.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "micro",
    dependencies: [
        // Without its traits, which replace malloc and the reference counting of the runtime to count calls of them.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "PluginAPI"),
        .target(name: "PluginKit", dependencies: ["PluginAPI"], swiftSettings: swiftSettings),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CPosix"),
        .target(name: "Gateway", swiftSettings: swiftSettings),
        .target(name: "StreamableHTTP", dependencies: ["PluginAPI", "PluginKit"], swiftSettings: swiftSettings),
        .target(
            name: "HostServices",
            dependencies: ["PluginAPI", "CCurl", "CPosix", .product(name: "Logging", package: "swift-log")],
            path: "Sources/Host/Services", swiftSettings: swiftSettings),
        .target(
            name: "HostPlugins",
            dependencies: [
                "PluginAPI", "CPosix", "Gateway", "HostServices", .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Host/Plugins", swiftSettings: swiftSettings),
        .executableTarget(
            name: "Micro",
            dependencies: [
                "Gateway", "StreamableHTTP", "HostPlugins", "PluginAPI",
                .product(name: "Benchmark", package: "benchmark"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Micro", swiftSettings: swiftSettings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
)
