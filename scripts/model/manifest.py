"""Writes model.json, which says what a model folder holds: manifest.py FOLDER NAME RECIPE.

The plugin checks each file against it. The identity ends with the digest of the weights: vectors of two exports are
never compared.
"""

import hashlib
import json
import pathlib
import sys

FILES = {"model": "model.onnx", "vocabulary": "vocab.txt", "runtime": "libonnxruntime.so"}


def main():
    folder, name, recipe = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    files = {}
    for role, file in FILES.items():
        content = (folder / file).read_bytes()
        files[role] = {"file": file, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {
        "format": 1,
        "model": f"{name}/{files['model']['sha256'][:12]}",
        "dimensions": 384,
        "maxTokens": 256,
        "recipe": recipe,
        "files": files,
    }
    (folder / "model.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
