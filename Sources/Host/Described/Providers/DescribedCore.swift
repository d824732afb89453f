import PluginKit
import Synchronization

/// What every instance of a described library does: opens and closes, fills in templates, calls and measures.
final class DescribedCore: Sendable {
    let description: LibraryDescription
    private let runner: any LibraryRunner
    private let services: HostServices
    /// Settings that are no secrets, and handles of those that are.
    private let settings: [String: Value]
    private let secrets: [String: String]
    private let instance = Mutex<UInt64?>(nil)

    init(
        _ description: LibraryDescription, _ runner: any LibraryRunner, _ configuration: PluginConfiguration,
        _ services: HostServices
    ) throws(PluginError) {
        self.description = description
        self.runner = runner
        self.services = services
        var settings: [String: Value] = [:]
        var secrets: [String: String] = [:]
        for field in description.configuration {
            if field.kind == .secret {
                let path = "\(field.name)SecretRef"
                guard let name = try configuration.string("\(path).name"),
                    let key = try configuration.string("\(path).key"),
                    let handle = configuration.secretHandle(name: name, key: key)
                else {
                    throw PluginError(
                        .invalid, "spec.\(path): expected a reference {name, key} to a secret that exists")
                }
                secrets[field.name] = handle
            } else if let json = configuration.spec[field.name] {
                settings[field.name] = ValueJSON.plain(json)
            } else {
                settings[field.name] = field.defaultValue
            }
        }
        self.settings = settings
        self.secrets = secrets
    }

    // MARK: Life

    /// Opens what the instance keeps open. May wait.
    func open() throws(CallFailure) {
        var values: [String: [Member]] = [:]
        for name in description.handles.flatMap({ [$0.open, $0.close].compactMap(\.self) }) {
            if let function = description.function(name) { values[name] = try fill(function, [:]) }
        }
        let number = try runner.open(values)
        instance.withLock { $0 = number }
    }

    func close() {
        if let number = instance.withLock({ $0.take() }) { runner.close(number) }
        countStrays()
    }

    /// A library that calls back after the time it was given is wrong: it may as well have crashed.
    private func countStrays() {
        let count = runner.takeStrays()
        guard count > 0 else { return }
        services.metrics.count("described_late_callbacks", by: Double(count))
        services.log.warning(
            "The library called back after the scope of the callback; nothing was done",
            [Header("library", description.library), Header("count", "\(count)")])
    }

    // MARK: Calls

    /// Calls a function with what was given and what its templates make.
    /// - Parameters:
    ///   - sources: Values for templates besides the settings.
    ///   - call: The work that it belongs to, for its deadline.
    func call(
        _ function: FunctionDescription, _ given: [Member], sources: [String: Value] = [:], dimensions: Int64? = nil,
        for call: Call?
    ) throws(CallFailure) -> [Member] {
        guard let number = instance.withLock({ $0 }) else { throw CallFailure(.unavailable, "the library is not open") }
        let arguments = given + (try fill(function, sources))
        let terms = CallTerms(dimensions: dimensions, deadline: call?.deadline ?? 0) {
            call.map { $0.isResolved || $0.cancelled != nil } ?? false
        }
        let start = ContinuousClock.now
        defer {
            let elapsed = start.duration(to: .now)
            let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
            services.metrics.histogram("described_call_seconds", seconds, [Header("function", function.name)])
            countStrays()
        }
        return try runner.call(number, function.name, arguments, terms)
    }

    /// Values of the arguments that are templates.
    private func fill(_ function: FunctionDescription, _ sources: [String: Value]) throws(CallFailure) -> [Member] {
        var filled: [Member] = []
        for argument in function.arguments {
            guard case .template(let template)? = argument.binding, template.constant == nil else { continue }
            filled.append(Member(argument.name, try value(of: template, sources)))
        }
        return filled
    }

    /// A template with everything filled in. One source alone keeps its kind.
    func value(of template: Template, _ sources: [String: Value]) throws(CallFailure) -> Value {
        if let single = template.single { return try source(single, sources) }
        var bytes: [UInt8] = []
        for part in template.parts {
            switch part {
            case .text(let text): bytes += text.utf8
            case .source(let name): bytes += Self.bytes(try source(name, sources))
            }
        }
        return String(validating: bytes, as: UTF8.self).map(Value.text) ?? .bytes(bytes)
    }

    private func source(_ name: String, _ sources: [String: Value]) throws(CallFailure) -> Value {
        if let value = sources[name] { return value }
        if name.hasPrefix("config.") {
            let key = String(name.dropFirst("config.".count))
            if let value = settings[key] { return value }
            if let handle = secrets[key] {
                do throws(PluginError) {
                    return .text(try services.secrets.value(handle).reveal())
                } catch {
                    throw CallFailure(.unavailable, "the secret of '\(key)' cannot be read: \(error.message)")
                }
            }
        }
        throw CallFailure(.badArgument, "'{\(name)}' has no value in this call")
    }

    private static func bytes(_ value: Value) -> [UInt8] {
        switch value {
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .integer(let number): Array("\(number)".utf8)
        case .unsigned(let number): Array("\(number)".utf8)
        case .real(let number): Array("\(number)".utf8)
        case .bool(let truth): Array("\(truth)".utf8)
        case .null, .floats, .list, .record: []
        }
    }
}

extension Outcome {
    /// How a call of a plugin ends whose function had no result.
    init(_ failure: CallFailure) {
        let status: Status =
            switch failure.kind {
            case .badArgument: .invalid
            case .failed, .badResult: .internalError
            case .abandoned: .cancelled
            case .unavailable: .unavailable
            case .exhausted: .exhausted
            }
        self.init(status, failure.message)
    }
}

extension DescribedCore {
    /// `start` and `quiesce` of all providers.
    func start(_ call: Call, then: () throws(CallFailure) -> Void = {}) {
        do throws(CallFailure) {
            try open()
            try then()
            call.resolve()
        } catch {
            close()
            // A file that is missing now may be there later.
            call.resolve(Outcome(.unavailable, "the library '\(description.library)' does not open: \(error.message)"))
        }
    }

    func quiesce(_ call: Call) {
        close()
        call.resolve()
    }
}
