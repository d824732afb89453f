// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "swift-units",
    products: [.library(name: "Units", type: .dynamic, targets: ["Units"])],
    dependencies: [
        // In a repository of your own, name the gateway's repository and a version here.
        .package(name: "vmcp", path: "../../..")
    ],
    targets: [
        .target(
            name: "Units",
            dependencies: [.product(name: "PluginKit", package: "vmcp")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
