"""The measurements behind every figure in the README: `./run bench`, on scratch data that is removed afterwards."""
