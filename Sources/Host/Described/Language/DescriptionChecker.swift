/// Checks what the parts of a description say of each other.
struct DescriptionChecker {
    let library: LibraryDescription
    let problems: ProblemList

    init(_ library: LibraryDescription, _ problems: ProblemList) {
        self.library = library
        self.problems = problems
    }

    func check() {
        for callback in library.callbacks.values.sorted(by: { $0.name < $1.name }) { check(callback) }
        for function in library.functions {
            check(function)
            checkRoles(function)
        }
        for handle in library.handles { check(handle) }
        if let name = library.initializer {
            if let function = find(name, at: "init", nil) {
                refuseExposed(function, "called once before everything else", at: "init", nil)
                if !handles(of: function).isEmpty {
                    problem(.unknownHandle, nil, "init", "no handle is open yet when '\(name)' is called")
                }
            }
        }
        checkProviders()
    }

    func problem(_ reason: DescriptionProblem.Reason, _ place: Place?, _ path: String, _ text: String) {
        problems.add(reason, at: place, path: path, text)
    }

    func find(_ name: String, at path: String, _ place: Place?) -> FunctionDescription? {
        if let function = library.function(name) { return function }
        problem(.unknownFunction, place, path, "there is no function '\(name)' in this file")
        return nil
    }

    func refuseExposed(_ function: FunctionDescription, _ role: String, at path: String, _ place: Place?) {
        guard let open = function.exposed.first else { return }
        problem(
            .wrongRole, place, path,
            "'\(function.name)' is \(role), and nobody gives its argument '\(open.name)': give it a value")
    }

    /// Names of the handles that a call needs.
    func handles(of function: FunctionDescription) -> [String] {
        function.arguments.compactMap { if case .handle(let name)? = $0.binding { name } else { nil } }
    }

    // MARK: Functions

    private func check(_ function: FunctionDescription) {
        let path = "functions.\(function.name)"
        var names: Set<String> = []
        for argument in function.arguments where argument.type.direction != .input { names.insert(argument.name) }
        if function.result.type != nil, names.contains(function.result.name) {
            problem(
                .duplicateName, function.result.place, "\(path).returns",
                "an output is named '\(function.result.name)' as well")
        }
        for (index, argument) in function.arguments.enumerated() {
            ArgumentChecker(checker: self, function: function, index: index, path: "\(path).arguments.\(argument.name)")
                .check()
        }
        checkCycles(function, path)
        ResultChecker(checker: self, function: function, path: "\(path).returns").check()
        if function.mayOverlap, library.threads == .dedicated {
            problem(.badValue, function.place, path, "the library is 'dedicated', so no function may be 'any'")
        }
        for probe in function.probes {
            let open = Set(function.exposed.map(\.name))
            for member in probe.arguments where !open.contains(member.name) {
                problem(.unknownArgument, probe.place, "\(path).probe", "'\(member.name)' is no argument that is given")
            }
        }
    }

    /// Bound arguments that need each other's values can never be worked out.
    private func checkCycles(_ function: FunctionDescription, _ path: String) {
        func needed(_ index: Int) -> [Int] {
            guard case .expression(let expression)? = function.arguments[index].binding else { return [] }
            return expression.names.values.compactMap(function.index(of:))
        }
        for index in function.arguments.indices {
            var seen: Set<Int> = []
            var open = needed(index)
            while let next = open.popLast() {
                if next == index {
                    let argument = function.arguments[index]
                    problem(
                        .circular, argument.place, "\(path).arguments.\(argument.name)",
                        "its value is worked out from itself")
                    break
                }
                if seen.insert(next).inserted { open += needed(next) }
            }
        }
    }

    // MARK: Callbacks

    private func check(_ callback: CallbackDescription) {
        let path = "callbacks.\(callback.name)"
        for argument in callback.arguments {
            let path = "\(path).arguments.\(argument.name)"
            guard argument.type.direction == .input, argument.binding == nil else {
                problem(
                    .wrongDirection, argument.place, path, "arguments of a callback are read: no direction, no value")
                continue
            }
            if case .callback = argument.type.base {
                problem(.unsupportedElement, argument.place, path, "a callback does not get callbacks: use pointer")
            }
            if argument.type.isByValue {
                problem(.structByValue, argument.place, path, "a callback takes structures by pointer only")
            }
            guard let count = argument.type.count else { continue }
            for name in count.names.values where library.constants[name] == nil {
                let found = callback.arguments.first { $0.name == name }
                if found?.type.isInteger != true {
                    problem(.unknownArgument, argument.place, path, "'\(name)' is no integer argument of the callback")
                }
            }
            if !count.names.lengths.isEmpty {
                problem(.unknownLength, argument.place, path, "the length comes from an integer argument or a number")
            }
        }
        if let context = callback.context {
            let found = callback.arguments.first { $0.name == context }
            if found?.type.base != .pointer {
                problem(.unknownArgument, nil, path, "its context '\(context)' is no argument of type pointer")
            }
        }
        if callback.returns == nil, callback.answer != 0 || callback.stop != nil {
            problem(.badValue, nil, path, "a callback that returns nothing has neither 'answer' nor 'stop'")
        }
    }

    // MARK: Handles

    private func check(_ handle: HandleDescription) {
        let path = "handles.\(handle.name)"
        if let open = find(handle.open, at: path, handle.place) {
            refuseExposed(open, "what opens the handle", at: path, handle.place)
            let outputs = open.arguments.filter { $0.type.base == .pointer && $0.type.direction == .output }.count
            let result = open.result.type?.base == .pointer ? 1 : 0
            if outputs + result != 1 {
                problem(
                    .wrongRole, handle.place, path,
                    "'\(open.name)' gives \(outputs + result) pointers; a function that opens gives one, as its result or "
                        + "as 'out pointer'")
            }
            let position = library.handles.firstIndex { $0.name == handle.name } ?? 0
            for name in handles(of: open) {
                guard let other = library.handles.firstIndex(where: { $0.name == name }) else { continue }
                if other >= position {
                    problem(
                        .circular, handle.place, path,
                        "'\(open.name)' needs the handle '\(name)', which must stand above")
                } else if handle.per == .instance, library.handles[other].per == .call {
                    problem(
                        .wrongRole, handle.place, path,
                        "the handle '\(name)' that it needs is opened for each call only")
                }
            }
        }
        guard let name = handle.close, let close = find(name, at: path, handle.place) else { return }
        let open = close.arguments.filter {
            $0.type.base == .pointer && $0.type.direction == .input && $0.binding == nil
        }
        if open.count != 1 {
            problem(
                .wrongRole, handle.place, path,
                "'\(name)' has \(open.count) arguments of type pointer without a value; what closes has one")
        }
        for argument in close.exposed where argument.type.base != .pointer {
            problem(
                .wrongRole, handle.place, path,
                "'\(name)' closes a handle, and nobody gives its argument '\(argument.name)': give it a value")
        }
    }
}
