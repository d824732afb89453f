"""Builds the ONNX graph of all-MiniLM-L6-v2 from its weights: six layers of BERT, without torch.

    export.py WEIGHTS.safetensors MODEL.onnx [--precision int8|fp32]

Inputs of the graph: `ids` and `mask`, int64, [texts, tokens]. Output: `vectors`, float32, [texts, 384]: the mean over
the tokens that the mask marks, of unit length.

With int8, the default, each weight matrix is stored as bytes with one scale a column, and what is multiplied with it is
quantised when it is known (dynamic quantisation); the table of word embeddings has one scale a word. Everything else
stays float32. Two things keep the vectors near those of float32, whose ranking they are to have. A few channels are much
larger than the others, and one scale has to serve all: where a layer normalisation comes before, channels are made more
equal, and the weights take up the difference (Xiao et al., SmoothQuant, 2023). And the second matrix of each feed-forward
part, whose inputs cannot be foreseen, has scales for blocks of 128. The same weights give the same file.
"""

import argparse

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save
from safetensors.numpy import load_file

LAYERS, HEADS, WIDTH = 6, 12, 384
BLOCK = 128
EPSILON = 1e-12


class Graph:
    """Collects nodes and constants under names that tell where they belong."""

    def __init__(self, weights, precision):
        self.weights = weights
        self.quantised = precision == "int8"
        self.nodes = []
        self.constants = {}

    def constant(self, name, value):
        self.constants.setdefault(name, np.ascontiguousarray(value))
        return name

    def node(self, kind, inputs, name, domain="", outputs=None, **attributes):
        outputs = outputs or [name]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs[0]

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def smoothed(self, x, matrix, norm, name):
        """x and the matrix, with channels that differ less: x / s and s · W. What a channel of x may reach is taken from the
        layer normalisation that makes x."""
        reach = np.abs(self.weights[norm + ".bias"]) + 3 * np.abs(self.weights[norm + ".weight"])
        s = np.sqrt(np.maximum(reach, 1e-5) / np.maximum(np.abs(matrix).max(axis=1), 1e-5))
        s = np.maximum(s / np.exp(np.log(s).mean()), 1e-3).astype(np.float32)
        return self.node("Mul", [x, self.constant(name + "/smoothing", 1 / s)], name + "/smooth"), matrix * s[:, None]

    def blockwise(self, x, prefix, name, matrix, bias):
        """The same as `linear`, with a scale for each block of inputs of each output."""
        inputs, outputs = matrix.shape
        blocks = np.ascontiguousarray(matrix.T).reshape(outputs, inputs // BLOCK, BLOCK)
        scale = np.maximum(np.abs(blocks).max(axis=2), 1e-12) / 127
        bytes_ = (np.clip(np.rint(blocks / scale[:, :, None]), -127, 127) + 128).astype(np.uint8)
        product = self.node(
            "MatMulNBits",
            [x, self.constant(prefix + ".int8", bytes_), self.constant(prefix + ".scale", scale.astype(np.float32).reshape(-1))],
            name + "/product",
            domain="com.microsoft",
            K=inputs,
            N=outputs,
            bits=8,
            block_size=BLOCK,
            # Inputs become int8 too, by blocks.
            accuracy_level=4,
        )
        return self.node("Add", [product, bias], name)

    def linear(self, x, prefix, name, norm=None, by_blocks=False):
        """x · Wᵀ + b. Weights are stored [out, in]. `norm` names the layer normalisation that makes x."""
        matrix, bias = self.weights[prefix + ".weight"].T, self.weight(prefix + ".bias")
        if not self.quantised:
            product = self.node("MatMul", [x, self.constant(prefix + ".weight", matrix)], name + "/product")
            return self.node("Add", [product, bias], name)
        if by_blocks:
            return self.blockwise(x, prefix, name, matrix, bias)
        if norm:
            x, matrix = self.smoothed(x, matrix, norm, name)
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / 127
        # Unsigned, with 128 as zero: signed bytes overflow in the products of processors without VNNI.
        bytes_ = (np.clip(np.rint(matrix / scale), -127, 127) + 128).astype(np.uint8)
        inputs = [
            x,
            self.constant(prefix + ".int8", bytes_),
            self.constant(prefix + ".scale", scale.astype(np.float32)),
            self.constant(prefix + ".zero", np.full(scale.shape, 128, np.uint8)),
            bias,
        ]
        return self.node("DynamicQuantizeMatMul", inputs, name, domain="com.microsoft")

    def normalised(self, x, prefix, name):
        inputs = [x, self.weight(prefix + ".weight"), self.weight(prefix + ".bias")]
        return self.node("LayerNormalization", inputs, name, axis=-1, epsilon=EPSILON)

    def words(self, ids, name):
        table = self.weights["embeddings.word_embeddings.weight"]
        if not self.quantised:
            return self.node("Gather", [self.constant("words", table), ids], name)
        scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
        bytes_ = np.clip(np.rint(table / scale), -127, 127).astype(np.int8)
        rows = self.node("Gather", [self.constant("words.int8", bytes_), ids], name + "/rows")
        scales = self.node("Gather", [self.constant("words.scale", scale.astype(np.float32)), ids], name + "/scales")
        return self.node("Mul", [self.node("Cast", [rows], name + "/cast", to=TensorProto.FLOAT), scales], name)

    def integers(self, *values):
        return self.constant("integers/" + "_".join(map(str, values)), np.array(values, np.int64))

    def number(self, value):
        return self.constant(f"number/{value:g}", np.array(value, np.float32))

    def embeddings(self):
        size = self.node("Shape", ["ids"], "embeddings/length", start=1, end=2)
        table = self.constant(
            "positions",
            self.weights["embeddings.position_embeddings.weight"]
            + self.weights["embeddings.token_type_embeddings.weight"][0],
        )
        rows = self.node("Slice", [table, self.integers(0), size, self.integers(0)], "embeddings/positions")
        total = self.node("Add", [self.words("ids", "embeddings/words"), rows], "embeddings/sum")
        return self.normalised(total, "embeddings.LayerNorm", "embeddings")

    def attention(self, x, bias, prefix, name, norm):
        def heads(part, order):
            y = self.linear(x, f"{prefix}.self.{part}", f"{name}/{part}", norm)
            y = self.node("Reshape", [y, self.integers(0, 0, HEADS, WIDTH // HEADS)], f"{name}/{part}/heads")
            return self.node("Transpose", [y], f"{name}/{part}/turned", perm=order)

        query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
        scores = self.node("MatMul", [query, key], name + "/scores")
        scores = self.node("Mul", [scores, self.number((WIDTH // HEADS) ** -0.5)], name + "/scaled")
        scores = self.node("Add", [scores, bias], name + "/masked")
        shares = self.node("Softmax", [scores], name + "/shares", axis=-1)
        y = self.node("Transpose", [self.node("MatMul", [shares, value], name + "/mixed")], name + "/back", perm=[0, 2, 1, 3])
        y = self.node("Reshape", [y, self.integers(0, 0, WIDTH)], name + "/joined")
        return self.linear(y, prefix + ".output.dense", name + "/out")

    def layer(self, x, bias, index):
        prefix, name = f"encoder.layer.{index}", f"layer{index}"
        before = f"encoder.layer.{index - 1}.output.LayerNorm" if index > 0 else "embeddings.LayerNorm"
        y = self.attention(x, bias, prefix + ".attention", name + "/attention", before)
        between = prefix + ".attention.output.LayerNorm"
        x = self.normalised(self.node("Add", [y, x], name + "/added"), between, name + "/between")
        y = self.linear(x, prefix + ".intermediate.dense", name + "/wide", between)
        y = self.linear(self.node("Gelu", [y], name + "/gelu"), prefix + ".output.dense", name + "/narrow", by_blocks=True)
        y = self.node("Add", [y, x], name + "/sum")
        return self.normalised(y, prefix + ".output.LayerNorm", name)

    def pooled(self, x, mask):
        weights = self.node("Unsqueeze", [mask, self.integers(2)], "pool/mask")
        total = self.node("ReduceSum", [self.node("Mul", [x, weights], "pool/marked"), self.integers(1)], "pool/sum", keepdims=0)
        count = self.node("ReduceSum", [mask, self.integers(1)], "pool/count", keepdims=1)
        mean = self.node("Div", [total, self.node("Max", [count, self.number(1e-9)], "pool/atLeast")], "pool/mean")
        length = self.node("ReduceL2", [mean, self.integers(1)], "pool/length", keepdims=1)
        return self.node("Div", [mean, self.node("Max", [length, self.number(1e-12)], "pool/nonzero")], "vectors")

    def build(self):
        mask = self.node("Cast", ["mask"], "mask/float", to=TensorProto.FLOAT)
        hidden = self.node("Mul", [self.node("Sub", [mask, self.number(1)], "mask/minus"), self.number(1e9)], "mask/far")
        bias = self.node("Unsqueeze", [hidden, self.integers(1, 2)], "mask/bias")
        x = self.embeddings()
        for index in range(LAYERS):
            x = self.layer(x, bias, index)
        self.pooled(x, mask)
        matrix = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [matrix("ids"), matrix("mask")],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])],
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        # Opset 20 has Gelu; IR 10 is the oldest that goes with it.
        sets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, producer_name="vmcp", ir_version=10, opset_imports=sets)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("weights")
    arguments.add_argument("model")
    arguments.add_argument("--precision", choices=["int8", "fp32"], default="int8")
    given = arguments.parse_args()
    model = Graph(load_file(given.weights), given.precision).build()
    checker.check_model(model)
    save(model, given.model)


if __name__ == "__main__":
    main()
