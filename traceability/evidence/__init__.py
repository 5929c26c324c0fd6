"""What goes into every evidence package as it is: the program that checks it, and how it is read. No part of the product."""
