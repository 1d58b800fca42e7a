"""Files that people give: their bytes, their text, and the rows of a table. What a row means is no matter of it."""
