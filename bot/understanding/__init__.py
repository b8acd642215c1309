"""What a person meant: numbers in words, labels, yes and no. Own words follow."""
