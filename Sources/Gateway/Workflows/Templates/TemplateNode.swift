/// A template as a tree.
indirect enum TemplateNode: Sendable {
    case text(String)
    case output(TemplatePipeline)
    case choice(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case with(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    case range(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
    /// `{{template "name" pipeline}}`
    case call(String, TemplatePipeline?, offset: Int)
    case leave
    case next
}

/// Commands, each of which hands its value to the one after it as the last argument.
struct TemplatePipeline: Sendable {
    let offset: Int
    /// Declared or set to the value; at most two, and two for `range` only.
    let variables: [String]
    /// Whether the variables exist already.
    let isAssignment: Bool
    let commands: [TemplateCommand]

    /// Where the command stands that makes the value.
    var valueOffset: Int { commands.last?.offset ?? offset }
}

struct TemplateCommand: Sendable {
    let offset: Int
    let value: TemplateExpression
}

indirect enum TemplateExpression: Sendable {
    case constant(TemplateValue)
    /// `.a.b`, relative to the dot; no names for the dot itself.
    case field([String])
    /// `$name.a.b`
    case variable(String, [String])
    /// `(pipeline).a.b`
    case pipeline(TemplatePipeline, [String])
    case function(TemplateFunction, [TemplateExpression])
}
