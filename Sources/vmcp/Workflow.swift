import ArgumentParser
import Gateway
import Host
import HostConfiguration

struct Workflow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a composite tool, or draw it.",
        subcommands: [WorkflowRunCommand.self, WorkflowGraphCommand.self])
}

struct WorkflowGraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Print a composite tool as a graph; contacts no backend.",
        discussion: """
            EXAMPLES
              vmcp workflow graph deploy --config vmcp.yaml
              vmcp workflow graph deploy --config vmcp.yaml --format dot | dot -Tsvg > deploy.svg
            """)

    enum FormatOption: String, ExpressibleByArgument, CaseIterable { case text, dot, mermaid }

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The composite tool.") var tool: String
    @Option(help: "How to print it: text, dot or mermaid.") var format: FormatOption = .text

    func run() async throws {
        let definition = try configuration.assembly().load().checked().compositeTool(named: tool)
        print(WorkflowGraph(definition).text(WorkflowGraph.Format(rawValue: format.rawValue) ?? .text))
    }
}

struct WorkflowRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a composite tool and show its steps as they go.",
        discussion: """
            Starts the backends, calls the tool as a client would, and stops them again. The steps are shown on standard error:
            live on a terminal, otherwise a line for each thing that happens. The result is printed as JSON. Questions are put to
            whoever is at the terminal; without one they fail. Exit code 1 means that the tool failed.

            EXAMPLES
              vmcp workflow run deploy --config vmcp.yaml --args '{"version": "1.4.2"}'
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @Argument(help: "The composite tool.") var tool: String
    @Option(help: ArgumentHelp("The arguments, a JSON object.", valueName: "json")) var args = "{}"

    func run() async throws {
        let arguments: JSONSlice
        do { arguments = try JSONSlice(validating: Array(args.utf8)) } catch {
            throw ValidationError("--args: expected a JSON object, found \(error)")
        }
        guard arguments.kind == .object else {
            throw ValidationError("--args: expected a JSON object, found other JSON")
        }
        let assembly = try configuration.assembly()
        let settings = try assembly.load().checked()
        let display = WorkflowDisplay(try settings.compositeTool(named: tool))
        let questions = TerminalQuestions()
        display.begin()
        let ask: @Sendable (JSONSlice) async -> [UInt8] = { params in
            display.pause()
            defer { display.resume() }
            return questions.answer(params)
        }
        defer { display.end() }
        let answer = try await assembly.run(
            settings, workflow: tool, arguments: arguments.array, events: display,
            ask: Terminal.hasPerson ? ask : nil)
        if let error = answer.error {
            throw AlreadyReported(description: error["message"]?.string ?? "the call failed")
        }
        let result = answer.result
        let text = result?["content"]?.elements.first?["text"]?.string ?? ""
        guard result?["isError"]?.bool != true else { throw AlreadyReported(description: text) }
        print(text)
    }
}

extension GatewayConfiguration {
    /// - Throws: When there is none of the name, with those there are.
    fileprivate func compositeTool(named name: String) throws -> WorkflowDefinition {
        if let found = compositeTools.first(where: { $0.name == name }) { return found }
        let known =
            compositeTools.isEmpty
            ? "there are none" : "there are " + compositeTools.map(\.name).joined(separator: ", ")
        throw ValidationError("expected a composite tool of the configuration, found \"\(name)\"; \(known)")
    }
}
