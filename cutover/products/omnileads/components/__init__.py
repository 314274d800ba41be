"""One data sheet a component; the templates of their files are beside them."""
