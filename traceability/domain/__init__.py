"""What the words mean: no clock, no I/O, no framework. Everything here can be read and tried by itself."""
