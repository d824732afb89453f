import Synchronization

/// A described library in this process.
package final class LoadedLibrary: LibraryRunner {
    private let description: LibraryDescription
    private let functions: [String: BoundFunction]
    private let gate: CallGate
    let strays: StrayCounter
    private let onEvent: @Sendable (_ callback: String, Value) -> Void
    private let onEntry: @Sendable (_ function: String) -> Void
    private let state = Mutex(State())

    private struct State {
        var instances: [UInt64: Instance] = [:]
        var last: UInt64 = 0
    }

    /// `@unchecked Sendable`: the handles are opaque addresses that only the library's own functions get, under its rule
    /// on threads.
    private final class Instance: @unchecked Sendable {
        let values: [String: [Member]]
        /// Written while the instance is opened, before anybody else sees it.
        var handles: [String: UnsafeMutableRawPointer] = [:]
        let kept = Mutex<[(CallbackSite, ClosureCell)]>([])
        init(_ values: [String: [Member]]) { self.values = values }
    }

    /// Opens the library, binds every function and calls what it wants called first.
    /// - Parameters:
    ///   - path: Of the library: a path, or a name for the dynamic linker.
    ///   - onEvent: Gets what callbacks tell that outlive their call, from any thread.
    ///   - onEntry: Gets the functions that are called in order to load, open or close, before each.
    /// - Throws: ``DescriptionError`` with everything that cannot be bound.
    package init(
        _ description: LibraryDescription, at path: String,
        onEvent: @escaping @Sendable (_ callback: String, Value) -> Void = { _, _ in },
        onEntry: @escaping @Sendable (_ function: String) -> Void = { _ in }
    ) throws(DescriptionError) {
        let image = try LibraryImage(opening: path)
        let strays = StrayCounter()
        var functions: [String: BoundFunction] = [:]
        var problems: [DescriptionProblem] = []
        for function in description.functions {
            do throws(DescriptionError) {
                functions[function.name] = try BoundFunction(function, of: description, in: image, strays: strays)
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw DescriptionError(problems) }
        gate = try CallGate(description.threads, name: description.id)
        self.description = description
        self.functions = functions
        self.strays = strays
        self.onEvent = onEvent
        self.onEntry = onEntry
        guard let initializer = description.initializer, let function = functions[initializer] else { return }
        onEntry(initializer)
        let result = gate.run(mayOverlap: false) {
            Self.attempt { () throws(CallFailure) in _ = try function.call([], CallSurroundings()) }
        }
        if case .failure(let failure) = result {
            throw DescriptionError([
                DescriptionProblem(.notCallable, at: function.description.place, path: "init", failure.message)
            ])
        }
    }

    package func takeStrays() -> Int { strays.strays.exchange(0, ordering: .relaxed) }

    private static func attempt<Answer>(_ body: () throws(CallFailure) -> Answer) -> Result<Answer, CallFailure> {
        do throws(CallFailure) { return .success(try body()) } catch { return .failure(error) }
    }

    // MARK: Instances

    package func open(_ values: [String: [Member]]) throws(CallFailure) -> UInt64 {
        let instance = Instance(values)
        let result = gate.run(mayOverlap: false) {
            Self.attempt { () throws(CallFailure) in
                for handle in self.description.handles where handle.per == .instance {
                    do throws(CallFailure) {
                        instance.handles[handle.name] = try self.open(handle, instance, instance.handles)
                    } catch {
                        self.closeAll(instance)
                        throw error
                    }
                }
            }
        }
        _ = try result.get()
        return state.withLock { state in
            state.last += 1
            state.instances[state.last] = instance
            return state.last
        }
    }

    package func close(_ number: UInt64) {
        guard let instance = state.withLock({ $0.instances.removeValue(forKey: number) }) else { return }
        gate.run(mayOverlap: false) { self.closeAll(instance) }
    }

    /// In the reverse order of their opening; then the callbacks that they kept.
    private func closeAll(_ instance: Instance) {
        for handle in description.handles.reversed() {
            guard let pointer = instance.handles.removeValue(forKey: handle.name) else { continue }
            close(handle, pointer, instance, instance.handles)
        }
        for (site, cell) in instance.kept.withLock({ kept in
            defer { kept = [] }
            return kept
        }) { site.retire(cell) }
    }

    // MARK: Handles

    private func open(
        _ handle: HandleDescription, _ instance: Instance, _ handles: [String: UnsafeMutableRawPointer]
    ) throws(CallFailure) -> UnsafeMutableRawPointer {
        guard let function = functions[handle.open] else {
            throw CallFailure(.unavailable, "no function '\(handle.open)'")
        }
        if handle.per == .instance { onEntry(handle.open) }
        var surroundings = surroundings(handles, instance)
        surroundings.leftover = { self.close(handle, $0, instance, handles) }
        let answer = try function.call(instance.values[handle.open] ?? [], surroundings)
        guard let pointer = answer.handle else {
            throw CallFailure(.failed, "\(handle.open) gave NULL for the handle '\(handle.name)'")
        }
        return pointer
    }

    private func close(
        _ handle: HandleDescription, _ pointer: UnsafeMutableRawPointer, _ instance: Instance,
        _ handles: [String: UnsafeMutableRawPointer]
    ) {
        guard let name = handle.close, let function = functions[name] else { return }
        if handle.per == .instance { onEntry(name) }
        var surroundings = surroundings(handles, instance)
        surroundings.closing = pointer
        // What a closing function says cannot be acted upon.
        _ = Self.attempt { () throws(CallFailure) in _ = try function.call(instance.values[name] ?? [], surroundings) }
    }

    private func surroundings(
        _ handles: [String: UnsafeMutableRawPointer], _ instance: Instance
    ) -> CallSurroundings {
        var surroundings = CallSurroundings(handles: handles)
        surroundings.keep = { site, cell in instance.kept.withLock { $0.append((site, cell)) } }
        surroundings.onEvent = onEvent
        surroundings.message = { [functions] name, code in
            guard let function = functions[name] else { return nil }
            let arguments = function.description.arguments.filter { argument in
                if case .template(let template)? = argument.binding { return template.single != nil }
                return false
            }.map { Member($0.name, .integer(code)) }
            let answer = Self.attempt { () throws(CallFailure) in
                try function.call(arguments, CallSurroundings(handles: handles))
            }
            guard case .success(let answer) = answer, case .text(let words)? = answer.members.first?.value else {
                return nil
            }
            return words
        }
        return surroundings
    }

    // MARK: Calls

    package func call(
        _ number: UInt64, _ name: String, _ arguments: [Member], _ terms: CallTerms
    ) throws(CallFailure) -> [Member] {
        guard let function = functions[name] else { throw CallFailure(.badArgument, "there is no function '\(name)'") }
        guard let instance = state.withLock({ $0.instances[number] }) else {
            throw CallFailure(.unavailable, "the instance is closed")
        }
        return try gate.run(mayOverlap: function.description.mayOverlap) {
            Self.attempt { () throws(CallFailure) in
                // It may have waited for its turn for long.
                if terms.isAbandoned() { throw CallFailure(.abandoned, "nobody waits for '\(name)' any more") }
                return try self.call(function, instance, arguments, terms)
            }
        }.get()
    }

    private func call(
        _ function: BoundFunction, _ instance: Instance, _ arguments: [Member], _ terms: CallTerms
    ) throws(CallFailure) -> [Member] {
        var handles = instance.handles
        var opened: [(HandleDescription, UnsafeMutableRawPointer)] = []
        defer { for (handle, pointer) in opened.reversed() { close(handle, pointer, instance, handles) } }
        for handle in description.handles where handle.per == .call && needs(function.description, handle.name) {
            let pointer = try open(handle, instance, handles)
            opened.append((handle, pointer))
            handles[handle.name] = pointer
        }
        var surroundings = surroundings(handles, instance)
        surroundings.dimensions = terms.dimensions
        return try function.call(arguments, surroundings).members
    }

    /// Whether a call of the function needs a handle, itself or for another that it needs.
    private func needs(_ function: FunctionDescription, _ name: String) -> Bool {
        function.arguments.contains { argument in
            guard case .handle(let own)? = argument.binding else { return false }
            if own == name { return true }
            guard let handle = description.handle(own), handle.per == .call,
                let open = description.function(handle.open)
            else { return false }
            return needs(open, name)
        }
    }
}
