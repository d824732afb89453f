/// EmbeddingServer (resource specification, section 9).
enum EmbeddingServerSchema {
    static let spec = ObjectShape([
        .optional("args", .texts), .optional("env", SharedBlocks.environment),
        .optional("hfTokenSecretRef", SharedBlocks.secretKey),
        .optional("image", .text, default: "ghcr.io/huggingface/text-embeddings-inference:cpu-latest"),
        .optional("imagePullPolicy", .oneOf("Always", "Never", "IfNotPresent"), default: "IfNotPresent"),
        .optional("model", .text, default: "BAAI/bge-small-en-v1.5"),
        .optional(
            "modelCache",
            .object(
                .optional(
                    "accessMode", .oneOf("ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"), default: "ReadWriteOnce"),
                .optional("enabled", .boolean, default: "true"), .optional("size", .text, default: "10Gi"),
                .optional("storageClassName", .text))),
        .optional("podTemplateSpec", .freeObject), .optional("port", .port, default: "8080"),
        .optional("replicas", .positive, default: "1"),
        .optional(
            "resourceOverrides",
            .object(
                .optional("persistentVolumeClaim", .object(ObjectShape(SharedBlocks.metadataOverrides))),
                .optional("service", .object(ObjectShape(SharedBlocks.metadataOverrides))),
                .optional(
                    "statefulSet",
                    .object(ObjectShape(SharedBlocks.metadataOverrides + [SharedBlocks.podTemplateMetadata]))))),
        .optional("resources", SharedBlocks.resources),
    ])
}
