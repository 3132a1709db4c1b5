"""Where trained weights come from and how a file is judged: no torch here. Import the module you need.

For a row of assets/weights.toml: `rows.row_for("yolov3_tiny")`, `store.cached(row)`, `fetch.fetch(row, token, on_progress)`.
The engine takes both a row and a person's own file through `explorer.engine.vet.load_state`.
"""
