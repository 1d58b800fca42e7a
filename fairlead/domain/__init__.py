"""The rules of routing: values and pure functions of them."""
